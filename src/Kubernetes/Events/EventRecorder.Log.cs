using Microsoft.Extensions.Logging;

namespace NangoOrleans.Kubernetes;

internal static partial class EventLog
{
    [LoggerMessage(EventId = 3101, EventName = "EventDropped", Level = LogLevel.Warning,
        Message = "Event {Reason} about {Namespace}/{Name} was not written ({Cause})")]
    public static partial void Dropped(ILogger logger, string reason, string @namespace, string name, string cause, Exception? exception);

    [LoggerMessage(EventId = 3102, EventName = "EventFlushAborted", Level = LogLevel.Warning,
        Message = "{Count} events were still queued at the end and are lost")]
    public static partial void FlushAborted(ILogger logger, int count);
}
