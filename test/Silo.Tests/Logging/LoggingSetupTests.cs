using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

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

    private static ServiceProvider Configure(bool isTerminal, params (string Key, string? Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Where(s => s.Value is not null).Select(s => KeyValuePair.Create(s.Key, s.Value)))
            .Build();
        return new ServiceCollection().AddLogging(logging => LoggingSetup.Configure(logging, configuration, isTerminal)).BuildServiceProvider();
    }
}
