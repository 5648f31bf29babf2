using System.Text.Json.Nodes;

namespace NangoOrleans.FakeNango;

/// <summary>What a fault does to a call.</summary>
public enum FaultKind
{
    /// <summary>Answers <see cref="FaultRule.Status"/> without looking at the request.</summary>
    Status,

    /// <summary>Waits <see cref="FaultRule.DelayMs"/>, then goes on; a caller that gives up meanwhile has changed nothing.</summary>
    Delay,

    /// <summary>Cuts the connection; nothing was processed.</summary>
    Drop,

    /// <summary>Processes the request, then cuts the connection: the answer is lost, the change is not.</summary>
    DropAfterResponseCommit,

    /// <summary>Processes the request, then waits <see cref="FaultRule.DelayMs"/> before it answers.</summary>
    DelayAfterResponseCommit,

    /// <summary>Answers <see cref="FaultRule.Status"/> (200 if not given) with an unusable body: malformed, huge, html, empty or literal text.</summary>
    Body,
}

/// <summary>One injected fault. Rules are tried in order; a delay lets the next rules act too, any other kind ends the search.</summary>
public sealed record FaultRule
{
    /// <summary>Name of a ready-made rule (see <see cref="FaultPresets"/>); other members given beside it win.</summary>
    public string? Preset { get; init; }

    /// <summary>HTTP method; null means any.</summary>
    public string? Method { get; init; }

    /// <summary>
    /// A route template (<c>/integrations/{key}</c>), or a path that covers everything below it (<c>/integrations</c>), or exactly
    /// itself with a final <c>$</c> (<c>/integrations$</c>). Null means every API route, but not /health and /ready.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Chance from 0 to 1 that the rule acts on a call it matches; 1 if not given.</summary>
    public double? Probability { get; init; }

    /// <summary>How often the rule acts; null means until cleared.</summary>
    public int? Count { get; init; }

    /// <summary>What happens.</summary>
    public FaultKind? Kind { get; init; }

    /// <summary>HTTP status of <see cref="FaultKind.Status"/> and <see cref="FaultKind.Body"/>.</summary>
    public int? Status { get; init; }

    /// <summary>A string is sent literally, anything else as JSON. Without it a status has Nango's usual body.</summary>
    public JsonNode? Body { get; init; }

    /// <summary>Headers of the answer.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Delay in milliseconds, by the server's clock; also before a status, body or drop.</summary>
    public int? DelayMs { get; init; }

    /// <summary>Why the rule cannot be used; null when it can.</summary>
    internal string? Check() => this switch
    {
        { Kind: null } => "kind or preset is required",
        { Kind: FaultKind.Status, Status: null } => "kind status needs a status",
        { Kind: FaultKind.Delay or FaultKind.DelayAfterResponseCommit, DelayMs: null } => "a delay needs delay_ms",
        { Status: < 200 or > 599 } => "status must be 200 to 599",
        { Probability: < 0 or > 1 } => "probability must be 0 to 1",
        { Count: < 1 } => "count must be at least 1",
        { DelayMs: < 0 } => "delay_ms must not be negative",
        _ => null,
    };
}
