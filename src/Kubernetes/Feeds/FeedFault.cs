namespace NangoOrleans.Kubernetes;

/// <summary>Why a feed has to start over, as it shows in logs, health and metrics.</summary>
/// <param name="Reason">One word, the label of the reconnect counter.</param>
/// <param name="Sentence">For people; never a body.</param>
/// <param name="Relist">True when the resourceVersion is of no use any more.</param>
/// <param name="RetryAfter">What the server asked for.</param>
internal sealed record FeedFault(string Reason, string Sentence, bool Relist = false, TimeSpan? RetryAfter = null)
{
    public static FeedFault From(Exception e) => e switch
    {
        FeedFaultException fault => fault.Fault,
        KubernetesRequestException refused => new(Word(refused.Error.Kind), refused.Message, NeedsRelist(refused.Error.Kind), refused.Error.RetryAfter),
        HttpRequestException or IOException => new("broken", "The connection of the watch broke off."),
        System.Text.Json.JsonException => new("unreadable", "The API server, or a proxy before it, sent something that is no watch event."),
        _ => new("receiver", $"The receiver of the events failed ({e.GetType().Name})."),
    };

    // A refused or vanished watch may come from a restored server or a re-created resource type: only a list tells.
    private static bool NeedsRelist(KubernetesErrorKind kind) => kind is KubernetesErrorKind.Expired
        or KubernetesErrorKind.TooLargeResourceVersion or KubernetesErrorKind.NotFound or KubernetesErrorKind.Refused;

    private static string Word(KubernetesErrorKind kind) => kind switch
    {
        KubernetesErrorKind.Expired => "expired",
        KubernetesErrorKind.TooManyRequests => "throttled",
        KubernetesErrorKind.Transient => "unavailable",
        _ => "refused",
    };
}

/// <summary>Carries a <see cref="FeedFault"/> up to the loop of the feed.</summary>
internal sealed class FeedFaultException(FeedFault fault) : Exception(fault.Sentence)
{
    public FeedFault Fault { get; } = fault;
}
