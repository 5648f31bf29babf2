using System.Collections.Immutable;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using Orleans.Services;

namespace NangoOrleans.Watching;

/// <summary>
/// What every silo may ask the one that watches; all silos have the service, only the active one knows. While its index is
/// incomplete, or it is past the renew deadline of its lease, every answer is "not known", never "none" or "free".
/// </summary>
[Alias("nango.IWatcherService")]
public interface IWatcherService : IGrainService
{
    /// <summary>How the watcher is.</summary>
    [Alias("GetState")]
    Task<WatcherState> GetState();

    /// <summary>Who owns a unique_key.</summary>
    /// <param name="query">Who wants it, and what is known of where.</param>
    [Alias("FindOwner")]
    Task<ClaimAnswer> FindOwner(ClaimQuery query);

    /// <summary>All retries that stand in the status of resources.</summary>
    [Alias("ListRetries")]
    Task<RetryList> ListRetries();

    /// <summary>The retry of one resource.</summary>
    /// <param name="key">The resource.</param>
    [Alias("FindRetry")]
    Task<RetryAnswer> FindRetry(IntegrationKey key);

    /// <summary>Asks for a fresh look at an environment object: a call with its token has failed.</summary>
    /// <param name="environment">Which.</param>
    [Alias("Doubt")]
    Task Doubt(EnvironmentId environment);
}

/// <summary>How the watcher of a silo is.</summary>
/// <param name="IsActive">It holds the lease.</param>
/// <param name="IsSynced">It has listed everything.</param>
/// <param name="DisconnectedFor">How long its connection to the Kubernetes API has been lost.</param>
/// <param name="Term">Number of its term; 0 when it is not active.</param>
[GenerateSerializer, Immutable, Alias("nango.WatcherState")]
public readonly record struct WatcherState(
    [property: Id(0)] bool IsActive,
    [property: Id(1)] bool IsSynced,
    [property: Id(2)] TimeSpan DisconnectedFor,
    [property: Id(3)] long Term);

/// <summary>When a resource is to be tried again.</summary>
/// <param name="Key">The resource, as the key of its grain.</param>
/// <param name="DueAt">When.</param>
[GenerateSerializer, Immutable, Alias("nango.RetryRow")]
public readonly record struct RetryRow([property: Id(0)] string Key, [property: Id(1)] DateTimeOffset DueAt);

/// <summary>All retries.</summary>
/// <param name="Known">False while there is no complete index: then <paramref name="Rows"/> says nothing.</param>
/// <param name="Rows">The rows.</param>
[GenerateSerializer, Immutable, Alias("nango.RetryList")]
public sealed record RetryList([property: Id(0)] bool Known, [property: Id(1)] ImmutableArray<RetryRow> Rows);

/// <summary>The retry of one resource.</summary>
/// <param name="Known">False while there is no complete index.</param>
/// <param name="DueAt">When it is due; null when none is.</param>
[GenerateSerializer, Immutable, Alias("nango.RetryAnswer")]
public readonly record struct RetryAnswer([property: Id(0)] bool Known, [property: Id(1)] DateTimeOffset? DueAt);
