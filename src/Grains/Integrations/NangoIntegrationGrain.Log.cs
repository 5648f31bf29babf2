using Microsoft.Extensions.Logging;

namespace NangoOrleans.Integrations;

public sealed partial class NangoIntegrationGrain
{
    [LoggerMessage(EventId = 1000, EventName = "Reconciled", Level = LogLevel.Information, Message = "{Key}: {Outcome} {Reason}")]
    private static partial void LogReconciled(ILogger logger, string key, string outcome, string reason);

    [LoggerMessage(EventId = 1001, EventName = "RunFailed", Level = LogLevel.Warning, Message = "{Key}: {Reason}: {Message} Next attempt: {Next}")]
    private static partial void LogFailed(ILogger logger, string key, string reason, string message, string next);

    [LoggerMessage(EventId = 1002, EventName = "RunCrashed", Level = LogLevel.Error, Message = "{Key}: the run ended with an unexpected exception; trying again in {Delay}")]
    private static partial void LogCrashed(ILogger logger, Exception exception, string key, TimeSpan delay);

    [LoggerMessage(EventId = 1003, EventName = "ReminderUnavailable", Level = LogLevel.Debug, Message = "{Key}: no reminder could be kept, a timer stands in for it")]
    private static partial void LogReminderUnavailable(ILogger logger, Exception exception, string key);

    [LoggerMessage(EventId = 1004, EventName = "LeftoverRemoved", Level = LogLevel.Warning, Message = "{Key}: the resource went although the operator's finalizer was on; deleted \"{UniqueKey}\" from Nango")]
    private static partial void LogRemoved(ILogger logger, string key, string uniqueKey);

    [LoggerMessage(EventId = 1005, EventName = "StatusNotWritten", Level = LogLevel.Warning, Message = "{Key}: status could not be written ({Reason}); trying again in {Delay}")]
    private static partial void LogStatusNotWritten(ILogger logger, string key, string reason, TimeSpan delay);

    [LoggerMessage(EventId = 1006, EventName = "LeftoverNotRemoved", Level = LogLevel.Warning, Message = "{Key}: the resource seems to have gone although the operator's finalizer was on; \"{UniqueKey}\" could not be deleted from Nango yet ({Reason}); trying again in {Delay}")]
    private static partial void LogNotRemoved(ILogger logger, string key, string uniqueKey, string reason, TimeSpan delay);

    [LoggerMessage(EventId = 1007, EventName = "LeftBehind", Level = LogLevel.Warning, Message = "{Key}: {Reason}: {Detail}")]
    private static partial void LogLeftBehind(ILogger logger, string key, string reason, string detail);

    [LoggerMessage(EventId = 1008, EventName = "NotRead", Level = LogLevel.Debug, Message = "{Key}: the resource could not be read ({Reason}); trying again in {Delay}")]
    private static partial void LogNotRead(ILogger logger, string key, string reason, TimeSpan delay);

    [LoggerMessage(EventId = 1009, EventName = "ReadRefused", Level = LogLevel.Warning, Message = "{Key}: the resource could not be read: {Reason}: {Detail}; trying again in {Delay}")]
    private static partial void LogReadRefused(ILogger logger, string key, string reason, string detail, TimeSpan delay);

    [LoggerMessage(EventId = 1010, EventName = "NothingLeft", Level = LogLevel.Debug, Message = "{Key}: nothing is left of it under \"{UniqueKey}\" in Nango, or it never went")]
    private static partial void LogNothingLeft(ILogger logger, string key, string uniqueKey);
}
