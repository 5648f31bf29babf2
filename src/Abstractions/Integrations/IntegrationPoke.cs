using NangoOrleans.Resources;

namespace NangoOrleans.Integrations;

/// <summary>What a watcher last saw of a resource. It carries no verb: the grain looks and decides.</summary>
[GenerateSerializer, Immutable, Alias("nango.IntegrationPoke")]
public sealed record IntegrationPoke
{
    /// <summary>The redacted resource; null when the sender has none at hand: then the grain looks for itself, unless <see cref="Gone"/>.</summary>
    [Id(0)] public NangoIntegration? Resource { get; init; }

    /// <summary>True when the resource does not exist any more.</summary>
    [Id(4)] public bool Gone { get; init; }

    /// <summary>True when a list showed it: then an older resourceVersion may be a restored backup, and one read decides.</summary>
    [Id(1)] public bool FromList { get; init; }

    /// <summary>
    /// True when something other than the resource may have changed (a Secret, the owner of its key, the operator's settings) or
    /// its turn of the resync has come: then look even though the status calls it settled or stalled.
    /// </summary>
    [Id(2)] public bool Recheck { get; init; }

    /// <summary>True when the status of a settled or stalled resource changed: then look, unless it is the grain's own report.</summary>
    [Id(5)] public bool StatusChanged { get; init; }

    /// <summary>What may be left in Nango of resources of this name that went although our finalizer was on; one for each uid, null for none.</summary>
    [Id(6)] public IReadOnlyList<Leftover>? Leftovers { get; init; }

    /// <summary>Term of the watcher that sent it, for logs.</summary>
    [Id(3)] public long Term { get; init; }
}

/// <summary>What a grain knows, in words for the dashboard; never a secret.</summary>
[GenerateSerializer, Immutable, Alias("nango.IntegrationGrainState")]
public sealed record IntegrationGrainState
{
    /// <summary>Uid of the resource last seen.</summary>
    [Id(0)] public string? Uid { get; init; }

    /// <summary>Generation last seen.</summary>
    [Id(1)] public long Generation { get; init; }

    /// <summary>The reported <c>status.status</c>.</summary>
    [Id(2)] public string? Status { get; init; }

    /// <summary>Reason of the Ready condition.</summary>
    [Id(3)] public string? Reason { get; init; }

    /// <summary>Failed attempts in a row.</summary>
    [Id(4)] public int Attempts { get; init; }

    /// <summary>When the next attempt is due.</summary>
    [Id(5)] public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>True while a run is under way.</summary>
    [Id(6)] public bool Running { get; init; }

    /// <summary>Runs since activation.</summary>
    [Id(7)] public long Runs { get; init; }
}
