namespace NangoOrleans.Hosting;

internal static partial class OperatorHost
{
    [LoggerMessage(EventId = 1, EventName = "Listening", Level = LogLevel.Information,
        Message = "Listening http={Http} dashboard={Dashboard} silo={Silo} gateway={Gateway}")]
    private static partial void LogListening(ILogger logger, int http, int dashboard, int silo, int gateway);

    [LoggerMessage(EventId = 2, EventName = "SingleSiloInPod", Level = LogLevel.Information,
        Message = "Running in a pod as a single silo (clustering Development): keep the Deployment at one replica")]
    private static partial void LogSingleSiloInPod(ILogger logger);

    [LoggerMessage(EventId = 3, EventName = "DefaultCredential", Level = LogLevel.Information,
        Message = "Default credential for {BaseUrl}: {State}")]
    private static partial void LogDefaultCredential(ILogger logger, string baseUrl, string state);
}
