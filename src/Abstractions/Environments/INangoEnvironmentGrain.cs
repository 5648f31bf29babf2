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
}
