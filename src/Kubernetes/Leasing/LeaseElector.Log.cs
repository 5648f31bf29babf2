using Microsoft.Extensions.Logging;

namespace NangoOrleans.Kubernetes.Leasing;

internal static partial class LeaseLog
{
    [LoggerMessage(EventId = 3201, EventName = "LeaseAcquired", Level = LogLevel.Information,
        Message = "Lease {Lease} acquired as {Identity}, term {Term}")]
    public static partial void Acquired(ILogger logger, string lease, string identity, int term);

    [LoggerMessage(EventId = 3202, EventName = "LeaseTermEnded", Level = LogLevel.Information,
        Message = "Term {Term} of Lease {Lease} ended: {Cause}")]
    public static partial void TermEnded(ILogger logger, string lease, int term, TermEnd cause);

    [LoggerMessage(EventId = 3203, EventName = "LeaseHolderChanged", Level = LogLevel.Information,
        Message = "Lease {Lease} is held by {Holder}")]
    public static partial void HolderChanged(ILogger logger, string lease, string holder);

    [LoggerMessage(EventId = 3204, EventName = "LeaseRequestFailed", Level = LogLevel.Warning,
        Message = "Lease {Lease} could not be read or written; tried again within {Period}")]
    public static partial void RequestFailed(ILogger logger, string lease, TimeSpan period, Exception exception);

    [LoggerMessage(EventId = 3205, EventName = "LeaseRequestsWork", Level = LogLevel.Information,
        Message = "Lease {Lease} can be read and written again after {Failures} failures")]
    public static partial void RequestsWork(ILogger logger, string lease, int failures);

    [LoggerMessage(EventId = 3206, EventName = "LeaseLeaderFailed", Level = LogLevel.Error,
        Message = "The work of term {Term} of Lease {Lease} failed")]
    public static partial void LeaderFailed(ILogger logger, string lease, int term, Exception exception);

    [LoggerMessage(EventId = 3207, EventName = "LeaseLeaderStuck", Level = LogLevel.Error,
        Message = "The work of term {Term} of Lease {Lease} has not returned {Timeout} after its end; the Lease is not released and runs out")]
    public static partial void LeaderStuck(ILogger logger, string lease, int term, TimeSpan timeout);

    [LoggerMessage(EventId = 3208, EventName = "LeaseReleased", Level = LogLevel.Information,
        Message = "Lease {Lease} released")]
    public static partial void Released(ILogger logger, string lease);

    [LoggerMessage(EventId = 3209, EventName = "LeaseNotReleased", Level = LogLevel.Warning,
        Message = "Lease {Lease} could not be released and runs out")]
    public static partial void NotReleased(ILogger logger, string lease, Exception? exception);
}
