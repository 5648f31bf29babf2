using Orleans.Concurrency;

namespace NangoOrleans.Environments;

/// <summary>
/// One environment of Nango: what all its integrations share in the whole cluster. Its key is the environment's key, an opaque text
/// that is never a token.
/// </summary>
[Alias("nango.INangoEnvironmentGrain")]
public interface INangoEnvironmentGrain : IGrainWithStringKey
{
    /// <summary>All that the environment holds, by one request to Nango; those who ask meanwhile share its answer.</summary>
    /// <param name="credential">Where the token stands.</param>
    [AlwaysInterleave, Alias("List")]
    Task<EnvironmentListing> List(EnvironmentCredential credential);

    /// <summary>Permission to make some requests, for one silo: asked for in batches, so that this grain is no bottleneck.</summary>
    /// <param name="request">Who asks, and what it has seen.</param>
    [AlwaysInterleave, Alias("Lease")]
    ValueTask<PermitLease> Lease(PermitRequest request);

    /// <summary>What is known of a provider; null means that the server must be asked, never that it is unknown.</summary>
    /// <param name="name">Name of the provider.</param>
    [AlwaysInterleave, Alias("FindProvider")]
    ValueTask<KnownProvider?> FindProvider(string name);

    /// <summary>Keeps what the environment's server said of a provider, for all silos.</summary>
    /// <param name="provider">What it said.</param>
    [AlwaysInterleave, Alias("KeepProvider")]
    Task KeepProvider(KnownProvider provider);

    /// <summary>What the grain knows, for the watcher, the dashboard and tests; never a token.</summary>
    [AlwaysInterleave, Alias("GetState")]
    ValueTask<EnvironmentGrainState> GetState();
}
