using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>What a look at Nango showed.</summary>
public enum RemotePresence
{
    /// <summary>Not looked yet.</summary>
    Unknown,

    /// <summary>Nango does not have the key.</summary>
    Absent,

    /// <summary>Nango has the key.</summary>
    Present,
}

/// <summary>What a run wants in Nango, every reference resolved. Never leaves the run: it holds secrets.</summary>
/// <param name="Endpoint">Where and as whom.</param>
/// <param name="Credentials">Credentials in clear; null when the resource has none.</param>
/// <param name="Secrets">The Secrets read for it.</param>
public sealed record ResolvedValues(NangoEndpoint Endpoint, RemoteCredentials? Credentials, IReadOnlyList<ObservedSecret> Secrets)
{
    /// <summary>Never the credentials.</summary>
    public override string ToString() => $"values for {Endpoint}";
}

/// <summary>
/// All that one run knows so far; grows with each step. The planner sees nothing else, so that a decision is a pure
/// function of it.
/// </summary>
public sealed record Observed
{
    /// <summary>The resource; null when it is gone.</summary>
    public NangoIntegration? Resource { get; init; }

    /// <summary>True when <see cref="Resource"/> carries its inline sensitive values.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Start of the run.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>In whose turn its requests to Nango are made.</summary>
    public RequestTurn Turn { get; init; } = RequestTurn.Own;

    /// <summary>Answer of the administrator's base URL list, or why the environment object may not be used.</summary>
    public BaseUrlAnswer? BaseUrl { get; init; }

    /// <summary>The environment object that the resource refers to; null when it refers to none, or it was not seen.</summary>
    public NangoEnvironment? Environment { get; init; }

    /// <summary>True when our finalizer was put on in this very run: then nothing of ours can be in Nango yet.</summary>
    public bool ClaimedInThisRun { get; init; }

    /// <summary>Who owns the key; null when not asked yet.</summary>
    public ClaimAnswer? Claim { get; init; }

    /// <summary>What was known when <see cref="Claim"/> was asked for.</summary>
    public ClaimQuery? ClaimedAs { get; init; }

    /// <summary>True when more is known by now than when the owner was asked for: which environment it is, or what stands there under the key.</summary>
    public bool ClaimIsOutdated => ClaimedAs is { } asked
        && ((Values is not null && !string.Equals(asked.EnvironmentKey, Values.Endpoint.EnvironmentKey, StringComparison.Ordinal))
            || (Remote is not null && !Created && !string.Equals(asked.CreatedAt, Remote.CreatedAt, StringComparison.Ordinal)));

    /// <summary>Desired values; null when not resolved yet.</summary>
    public ResolvedValues? Values { get; init; }

    /// <summary>True once the environment recorded in status was searched for, found or not; found, it stands in <see cref="Values"/>.</summary>
    public bool RecordedTried { get; init; }

    /// <summary>The provider's row of the catalogue; null when not looked up yet, or not there.</summary>
    public NangoProvider? Provider { get; init; }

    /// <summary>Whether Nango has the key.</summary>
    public RemotePresence Presence { get; init; }

    /// <summary>The integration in Nango, when <see cref="RemotePresence.Present"/>.</summary>
    public RemoteIntegration? Remote { get; init; }

    /// <summary>True when <see cref="Remote"/> comes from a look-up, which never shows credentials.</summary>
    public bool LookedUpOnly { get; init; }

    /// <summary>Nango's clock at the last look-up.</summary>
    public DateTimeOffset? LookedUpAt { get; init; }

    /// <summary>How often this run has read it from Nango.</summary>
    public int RemoteReads { get; init; }

    /// <summary>True when this run created it.</summary>
    public bool Created { get; init; }

    /// <summary>True when a create in this run met an existing key.</summary>
    public bool MetExisting { get; init; }

    /// <summary>The change this run made, if it made one.</summary>
    public UpdateIntegration? Updated { get; init; }

    /// <summary>True when <see cref="Remote"/> was read after <see cref="Updated"/>, not merely answered by it.</summary>
    public bool ReadAfterUpdate { get; init; }

    /// <summary>True when the definition of the resource is being deleted; null when not asked yet.</summary>
    public bool? Uninstalling { get; init; }

    /// <summary>True when the connections were counted; the count may still be unknown.</summary>
    public bool ConnectionsCounted { get; init; }

    /// <summary>Number of connections; null when the key may not list them.</summary>
    public int? Connections { get; init; }

    /// <summary>True when this run removed it from Nango (or found it absent).</summary>
    public bool RemovedFromNango { get; init; }

    /// <summary>True once taking the finalizer off was tried, with or without success.</summary>
    public bool ReleaseTried { get; init; }

    /// <summary>What to conclude with, once our finalizer is off.</summary>
    public Outcome.Released? Released { get; init; }

    /// <summary>The failure of the last step; null when it succeeded.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The run's permits for requests; nothing to decide from.</summary>
    public RunPermits? Permits { get; init; }

    /// <summary>True when something may be in Nango on behalf of this resource: then look before creating.</summary>
    public bool MayHaveActed => Resource?.Status?.Nango?.CreatedAt is not null || (Resource?.HasFinalizer == true && !ClaimedInThisRun);

    /// <summary>What is known of a resource that is gone already, and whose deletion is done without it; null for one that is there.</summary>
    public Leftover? Leftover { get; init; }

    /// <summary>How long and how often deletion may fail before it is given up.</summary>
    public DeletionLimits DeletionLimits { get; init; } = new(TimeSpan.FromHours(1), 5);
}

/// <summary>When a deletion that keeps failing is given up.</summary>
/// <param name="GiveUpAfter">Time since the first real failure.</param>
/// <param name="MinimumAttempts">And at least so many attempts.</param>
public sealed record DeletionLimits(TimeSpan GiveUpAfter, int MinimumAttempts);
