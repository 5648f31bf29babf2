using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace NangoOrleans.Logging;

/// <summary>Logs on standard output: JSON for machines, single lines for a person at a terminal.</summary>
internal static class LoggingSetup
{
    private const string FormatterSetting = "Console:FormatterName";

    /// <summary>Sets logging up; the standard section <c>Logging</c> overrides all of it.</summary>
    /// <param name="logging">The logging of the host.</param>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="isTerminal">Whether standard output is a terminal.</param>
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration, bool isTerminal)
    {
        var section = configuration.GetSection("Logging");
        logging.AddFilter(null, LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Orleans", LogLevel.Warning);
        logging.AddFilter("Polly", LogLevel.Warning);
        logging.AddFilter("System.Net.Http", LogLevel.Warning);
        // Warns on every start that the server garbage collector is off, which is our choice, and that the machine's uptime is a stall.
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        // Orleans logs the ring ranges of a grain service under that service's own name.
        logging.AddFilter("NangoOrleans.Watching.WatcherService", LogLevel.Warning);
        logging.AddConfiguration(section);
        logging.Services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(services => new ReminderLogFilter(new LoggerFactory(
            services.GetServices<ILoggerProvider>(),
            services.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>(),
            services.GetRequiredService<IOptions<LoggerFactoryOptions>>()))));
        logging.AddSimpleConsole(simple =>
        {
            simple.SingleLine = true;
            simple.TimestampFormat = "HH:mm:ss ";
        });
        logging.AddJsonConsole(json =>
        {
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            json.UseUtcTimestamp = true;
            json.IncludeScopes = true;
        });
        logging.AddConsole(console =>
            console.FormatterName = section[FormatterSetting] ?? (isTerminal ? ConsoleFormatterNames.Simple : ConsoleFormatterNames.Json));
    }
}
