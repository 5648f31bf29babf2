using Microsoft.Extensions.Logging;

namespace NangoOrleans.Kubernetes;

internal static partial class FeedLog
{
    [LoggerMessage(EventId = 3001, EventName = "FeedListed", Level = LogLevel.Information,
        Message = "Listed {Resource} in namespace {Namespace}: {Count} objects, {Missing} gone meanwhile, resourceVersion {ResourceVersion}")]
    public static partial void Listed(ILogger logger, string resource, string @namespace, int count, int missing, string resourceVersion);

    [LoggerMessage(EventId = 3002, EventName = "FeedContinueTokenExpired", Level = LogLevel.Information,
        Message = "The list of {Resource} expired after {Count} objects and starts again in one piece")]
    public static partial void ContinueTokenExpired(ILogger logger, string resource, int count);

    [LoggerMessage(EventId = 3003, EventName = "FeedNoMetadata", Level = LogLevel.Error,
        Message = "The API server sent an entry of {Resource} without metadata, or of an unknown type; it is left out")]
    public static partial void NoMetadata(ILogger logger, string resource);

    [LoggerMessage(EventId = 3004, EventName = "FeedBackingOff", Level = LogLevel.Warning,
        Message = "Feed of {Resource}: {Problem} Relist: {Relist}. Next attempt in {Wait} (failure {Failures})")]
    public static partial void BackingOff(ILogger logger, string resource, string problem, bool relist, TimeSpan wait, int failures, Exception? exception);
}
