namespace NangoOrleans.FakeNango;

/// <summary>How a call ended.</summary>
public enum CallOutcome
{
    /// <summary>Not yet decided: an injected delay is running.</summary>
    Pending,

    /// <summary>An answer was sent.</summary>
    Answered,

    /// <summary>The connection was cut by a fault; <see cref="JournalEntry.Status"/> tells what Nango had answered, if it got so far.</summary>
    Dropped,

    /// <summary>The caller went away first.</summary>
    Abandoned,
}

/// <summary>One call, without any value of its body.</summary>
public sealed record JournalEntry
{
    /// <summary>Counts arrivals from 1; goes on after a clear.</summary>
    public required long Seq { get; init; }

    /// <summary>Arrival, by the server's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>Path as sent, percent-encoded.</summary>
    public required string Path { get; init; }

    /// <summary>Query as sent, without the question mark.</summary>
    public required string Query { get; init; }

    /// <summary>Route template, such as <c>/integrations/{key}</c>.</summary>
    public required string Route { get; init; }

    /// <summary>Name of the API key; null when the caller had no valid one.</summary>
    public string? Key { get; init; }

    /// <summary>Environment of the API key.</summary>
    public string? Environment { get; init; }

    /// <summary>Status decided on; null while pending and when a fault cut the connection first.</summary>
    public int? Status { get; init; }

    /// <summary>How it ended.</summary>
    public CallOutcome Outcome { get; init; }

    /// <summary>Time from arrival to answer in milliseconds, injected delays included.</summary>
    public double DurationMs { get; init; }

    /// <summary>Names (never values) of the body's members; those of credentials as <c>credentials.client_id</c>.</summary>
    public IReadOnlyList<string> BodyFields { get; init; } = [];

    /// <summary>The whole body, only when <see cref="FakeNangoOptions.KeepBodies"/> asks for it. Not shown over HTTP.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? Body { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"#{Seq} {Method} {Path} -> {Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"} {Outcome}";
}

/// <summary>A line of the journal's summary.</summary>
public sealed record JournalCount(string Method, string Route, int? Status, CallOutcome Outcome, long Count);
