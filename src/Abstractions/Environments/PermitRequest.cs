using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>A silo asks for permission to make requests, and tells what it has seen since it last asked.</summary>
[GenerateSerializer, Immutable, Alias("nango.PermitRequest")]
public sealed record PermitRequest
{
    /// <summary>Name of the silo.</summary>
    [Id(0)] public required string Holder { get; init; }

    /// <summary>Its requests under way; Nango may not have counted them yet.</summary>
    [Id(1)] public int UnderWay { get; init; }

    /// <summary>How many it would like to make: those that wait, and some in advance. 0 only tells.</summary>
    [Id(2)] public int Wanted { get; init; }

    /// <summary>The newest word of Nango on its limit; null when there was none.</summary>
    [Id(3)] public RateLimitReading? Reading { get; init; }

    /// <summary>Who waits, or was sent away and will be back in the next window; null from a silo that does not say.</summary>
    [Id(4)] public IReadOnlyList<PermitDemand>? Demand { get; init; }

    /// <summary>Permits of the last lease that were not used.</summary>
    [Id(5)] public int Returned { get; init; }

    /// <summary>How its requests ended since it last told; null when none did.</summary>
    [Id(6)] public CallReport? Calls { get; init; }

    /// <summary>Rest of the wait that a 429 asked for; null when there was none.</summary>
    [Id(7)] public TimeSpan? AskedToWait { get; init; }

    /// <summary>What the environment object says of the limit; null where there is no object, or it says nothing.</summary>
    [Id(8)] public RequestLimits? Limits { get; init; }
}

/// <summary>Requests that one namespace wants to make, in one lane.</summary>
/// <param name="Namespace">Namespace of the resources; empty for the operator's own.</param>
/// <param name="IsCheck">True for checks that nobody waits for.</param>
/// <param name="Waiting">Requests that wait for a permit now.</param>
/// <param name="Expected">Requests that were sent away and come back when the next window begins.</param>
[GenerateSerializer, Immutable, Alias("nango.PermitDemand")]
public readonly record struct PermitDemand(
    [property: Id(0)] string Namespace, [property: Id(1)] bool IsCheck, [property: Id(2)] int Waiting, [property: Id(3)] int Expected);

/// <summary>How requests ended; told in one piece with the next lease instead of one by one.</summary>
/// <param name="Answered">Those that Nango answered, refusals included.</param>
/// <param name="Failed">Those that failed in a way that may pass by itself.</param>
/// <param name="LastFailure">The last of these failures.</param>
/// <param name="ShowsNoLimit">True when Nango answered without a word on a limit.</param>
[GenerateSerializer, Immutable, Alias("nango.CallReport")]
public sealed record CallReport(
    [property: Id(0)] int Answered, [property: Id(1)] int Failed, [property: Id(2)] Failure? LastFailure, [property: Id(3)] bool ShowsNoLimit);

/// <summary>What an environment object says of Nango's request limit.</summary>
/// <param name="Generation">Generation of the object: the newest word counts.</param>
/// <param name="RequestsPerMinute">The operator's requests in a minute at most; null for as many as Nango allows.</param>
/// <param name="ReservePercent">Share of Nango's limit that is left to others; null for the operator's setting.</param>
[GenerateSerializer, Immutable, Alias("nango.RequestLimits")]
public sealed record RequestLimits([property: Id(0)] long Generation, [property: Id(1)] int? RequestsPerMinute, [property: Id(2)] int? ReservePercent);

/// <summary>Permission to make requests.</summary>
[GenerateSerializer, Immutable, Alias("nango.PermitLease")]
public sealed record PermitLease
{
    /// <summary>How many; 0 means none before <see cref="NotBefore"/>.</summary>
    [Id(0)] public int Granted { get; init; }

    /// <summary>After that what was not used is void.</summary>
    [Id(1)] public TimeSpan ValidFor { get; init; }

    /// <summary>With nothing granted: how long to wait before asking again.</summary>
    [Id(2)] public TimeSpan NotBefore { get; init; }

    /// <summary>False when no limit is known: then the first answer that shows one makes the lease void.</summary>
    [Id(3)] public bool IsLimited { get; init; }

    /// <summary>How many of those granted are kept for checks while any wait, so that changes do not starve them.</summary>
    [Id(4)] public int ForChecks { get; init; }

    /// <summary>Requests that are left to others: an answer that shows no more than these makes the lease void.</summary>
    [Id(5)] public int Floor { get; init; }

    /// <summary>With nothing granted: why, as a resource may tell it; null when there is merely a moment to wait.</summary>
    [Id(6)] public Failure? Refusal { get; init; }

    /// <summary>True when the environment does not work and this one request is to find out whether it does again: its end is told at once.</summary>
    [Id(7)] public bool IsProbe { get; init; }
}
