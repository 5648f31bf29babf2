using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using NangoOrleans.Clustering.Reminders;

namespace NangoOrleans.Logging;

public sealed class LoggingSetupTests
{
    [Theory]
    [InlineData(false, null, "json")]
    [InlineData(true, null, "simple")]
    [InlineData(false, "simple", "simple")]
    [InlineData(true, "json", "json")]
    public void Form_of_the_log_follows_the_terminal_unless_it_is_set(bool isTerminal, string? configured, string expected)
    {
        using var services = Configure(isTerminal, ("Logging:Console:FormatterName", configured));

        Assert.Equal(expected, services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
    }

    [Theory]
    [InlineData("NangoOrleans.X", true)]
    [InlineData("Orleans.Runtime.Catalog", false)]
    [InlineData("Microsoft.AspNetCore.Hosting", false)]
    public void Only_our_own_categories_inform_by_default(string category, bool expected)
    {
        using var services = Configure(isTerminal: false);

        Assert.Equal(expected, services.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(LogLevel.Information));
    }

    [Fact]
    public void Configured_level_wins_over_ours()
    {
        using var services = Configure(isTerminal: false, ("Logging:LogLevel:Orleans", "Debug"));

        Assert.True(services.GetRequiredService<ILoggerFactory>().CreateLogger("Orleans.Runtime.Catalog").IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public void Of_the_reminder_service_only_the_expected_failure_is_left_out()
    {
        using var services = Configure(isTerminal: false);
        var lines = new Lines();
        using var factory = services.GetRequiredService<ILoggerFactory>();
        factory.AddProvider(lines);
        var reminders = factory.CreateLogger("Orleans.Runtime.ReminderService.LocalReminderService");

        reminders.Log(LogLevel.Error, default, "Failed to read rows from table.", new RemindersUnknownException(), static (text, _) => text);
        reminders.Log(LogLevel.Error, default, "Could not deliver reminder tick.", new InvalidOperationException(), static (text, _) => text);
        factory.CreateLogger("Orleans.Runtime.Catalog").Log(LogLevel.Error, default, "Elsewhere.", new RemindersUnknownException(), static (text, _) => text);

        Assert.Equal(["Could not deliver reminder tick.", "Elsewhere."], lines);
    }

    private static ServiceProvider Configure(bool isTerminal, params (string Key, string? Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Where(s => s.Value is not null).Select(s => KeyValuePair.Create(s.Key, s.Value)))
            .Build();
        return new ServiceCollection().AddLogging(logging => LoggingSetup.Configure(logging, configuration, isTerminal)).BuildServiceProvider();
    }

    private sealed class Lines : List<string>, ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
            // Holds nothing.
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add(formatter(state, exception));
    }
}
