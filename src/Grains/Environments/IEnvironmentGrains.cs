namespace NangoOrleans.Environments;

/// <summary>What a silo asks the environments' grains for.</summary>
public interface IEnvironmentGrains
{
    /// <summary>Leases a batch of permits.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="request">Who asks, and what it has seen.</param>
    ValueTask<PermitLease> LeaseAsync(string environmentKey, PermitRequest request);

    /// <summary>What is known of a provider; null when that is nothing, or the grain cannot be reached.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="name">Name of the provider.</param>
    ValueTask<KnownProvider?> FindProviderAsync(string environmentKey, string name);

    /// <summary>Keeps what a server said of a provider, if the grain can be reached.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="provider">What it said.</param>
    Task KeepProviderAsync(string environmentKey, KnownProvider provider);

    /// <summary>What the grain knows; null when it cannot be reached.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    ValueTask<EnvironmentGrainState?> GetStateAsync(string environmentKey);
}
