namespace NangoOrleans.Environments;

/// <summary>Where a silo gets its batches of permits from.</summary>
public interface IPermitSource
{
    /// <summary>Leases a batch.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="request">Who asks, and what it has seen.</param>
    ValueTask<PermitLease> LeaseAsync(string environmentKey, PermitRequest request);
}

/// <summary>The environments' grains.</summary>
public sealed class GrainPermitSource(IGrainFactory grains) : IPermitSource
{
    /// <inheritdoc/>
    public ValueTask<PermitLease> LeaseAsync(string environmentKey, PermitRequest request) =>
        grains.GetGrain<INangoEnvironmentGrain>(environmentKey).Lease(request);
}
