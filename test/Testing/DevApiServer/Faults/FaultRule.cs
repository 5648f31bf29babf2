using System.Text.Json.Serialization;

namespace NangoOrleans.Testing.ApiServer.Faults;

/// <summary>Where a list body stops coming.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StallPoint>))]
public enum StallPoint
{
    /// <summary>Headers arrive, the body never begins.</summary>
    AfterHeaders,

    /// <summary>Half of the body arrives.</summary>
    HalfBody,
}

/// <summary>How a watch is told that its resourceVersion is too old.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WatchExpiry>))]
public enum WatchExpiry
{
    /// <summary>HTTP 410 instead of a watch.</summary>
    HttpStatus,

    /// <summary>HTTP 200 and an ERROR event, as kube-apiserver does mostly.</summary>
    ErrorEvent,
}

/// <summary>What to do to which requests. All actions that are set happen, in the order delay, drop, expire, status, stall.</summary>
public sealed record FaultRule
{
    /// <summary>get, list, watch, create, update, patch, delete, deletecollection, or * for any.</summary>
    public string Verb { get; init; } = "*";

    /// <summary>Plural name of the resource, with subresource where meant (<c>nangointegrations/status</c>), or * for any.</summary>
    public string Resource { get; init; } = "*";

    /// <summary>Name of the object; null for any.</summary>
    public string? Name { get; init; }

    /// <summary>How many requests it befalls; null for all.</summary>
    public int? Count { get; init; }

    /// <summary>Share of the matching requests that it befalls, 0 to 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Time to wait before anything else, in milliseconds.</summary>
    public int DelayMilliseconds { get; init; }

    /// <summary>Breaks the connection instead of answering.</summary>
    public bool Drop { get; init; }

    /// <summary>Answers a watch with "too old resource version".</summary>
    public WatchExpiry? Expire { get; init; }

    /// <summary>Answers with this HTTP status and a fitting Status object instead of doing anything.</summary>
    public int? Status { get; init; }

    /// <summary>Carries the request out, and only then answers with <see cref="Status"/> or drops the connection.</summary>
    public bool AfterEffect { get; init; }

    /// <summary>Retry-After header that goes with <see cref="Status"/>, in seconds.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Holds back the body of the answer until the faults are cleared or the client leaves.</summary>
    public StallPoint? Stall { get; init; }
}
