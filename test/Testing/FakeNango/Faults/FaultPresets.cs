using System.Collections.Frozen;

namespace NangoOrleans.FakeNango;

/// <summary>Ready-made faults for what real Nango was seen to do.</summary>
public static class FaultPresets
{
    /// <summary>PostgreSQL unreachable: 401 <c>malformed_auth_header</c> for a valid key.</summary>
    public const string DatabaseDown = "database-down";

    /// <summary>Key revoked: 401 <c>unknown_account</c>.</summary>
    public const string TokenRevoked = "token-revoked";

    /// <summary>500 <c>server_error</c>.</summary>
    public const string ServerError = "server-error";

    /// <summary>429 in the last second of a window: Retry-After 0.</summary>
    public const string Throttled = "throttled";

    /// <summary>Table locked: 500 after the statement timeout of 60 s.</summary>
    public const string Hang = "hang";

    /// <summary>Connection cut before anything is processed.</summary>
    public const string Drop = "drop";

    /// <summary>Request processed, answer lost.</summary>
    public const string LostAnswer = "lost-answer";

    /// <summary>A reverse proxy's 502 page.</summary>
    public const string BadGateway = "bad-gateway";

    private const int StatementTimeoutMs = 60_000;

    private static readonly FrozenDictionary<string, FaultRule> Rules = new Dictionary<string, FaultRule>(StringComparer.Ordinal)
    {
        [DatabaseDown] = new() { Kind = FaultKind.Status, Status = 401, Body = FaultAnswers.Node(Errors.MalformedAuthHeader()) },
        [TokenRevoked] = new() { Kind = FaultKind.Status, Status = 401 },
        [ServerError] = new() { Kind = FaultKind.Status, Status = 500 },
        [Throttled] = new()
        {
            Kind = FaultKind.Status,
            Status = 429,
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "0" },
        },
        [Hang] = new() { Kind = FaultKind.Status, Status = 500, DelayMs = StatementTimeoutMs },
        [Drop] = new() { Kind = FaultKind.Drop },
        [LostAnswer] = new() { Kind = FaultKind.DropAfterResponseCommit },
        [BadGateway] = new() { Kind = FaultKind.Body, Status = 502, Body = "html" },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => Rules.Keys.Order(StringComparer.Ordinal);

    /// <summary>Fills what the rule leaves open from its preset. Null when there is no such preset.</summary>
    internal static FaultRule? Expand(FaultRule rule)
    {
        if (rule.Preset is not { } name)
            return rule;
        return Rules.GetValueOrDefault(name) is not { } preset ? null : rule with
        {
            Kind = rule.Kind ?? preset.Kind,
            Status = rule.Status ?? preset.Status,
            Body = rule.Body ?? preset.Body,
            Headers = rule.Headers ?? preset.Headers,
            DelayMs = rule.DelayMs ?? preset.DelayMs,
        };
    }
}
