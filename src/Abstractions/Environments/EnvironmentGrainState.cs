using NangoOrleans.Failures;

namespace NangoOrleans.Environments;

/// <summary>What an environment's grain knows, in words for the dashboard; never a token.</summary>
[GenerateSerializer, Immutable, Alias("nango.EnvironmentGrainState")]
public sealed record EnvironmentGrainState
{
    /// <summary>Requests in one window, as Nango's answers say; null when they say nothing.</summary>
    [Id(0)] public int? Limit { get; init; }

    /// <summary>Requests left in this window, as last told; null when no limit is known.</summary>
    [Id(1)] public int? Remaining { get; init; }

    /// <summary>Requests that are left to others.</summary>
    [Id(2)] public int Reserve { get; init; }

    /// <summary>The operator's own requests in a window at most; null for as many as Nango allows.</summary>
    [Id(3)] public int? RequestsPerMinute { get; init; }

    /// <summary>When the window ends; null when none has begun.</summary>
    [Id(4)] public DateTimeOffset? WindowEndsAt { get; init; }

    /// <summary>Requests that silos were allowed to make and have not accounted for yet.</summary>
    [Id(5)] public int Promised { get; init; }

    /// <summary>Namespaces that wait for a permit.</summary>
    [Id(6)] public int WaitingNamespaces { get; init; }

    /// <summary>End of the wait that a 429 asked for; null when there is none.</summary>
    [Id(7)] public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>Why requests are held back; null while they are not. Its wait is the time until one is tried.</summary>
    [Id(8)] public Failure? Problem { get; init; }

    /// <summary>Providers that are known.</summary>
    [Id(9)] public int Providers { get; init; }
}
