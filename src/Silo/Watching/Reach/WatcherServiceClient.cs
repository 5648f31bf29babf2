using Orleans.Runtime.Services;

namespace NangoOrleans.Watching;

/// <summary>Finds the service of the silo that the election names.</summary>
internal sealed class WatcherServiceClient(IElection election, ILocalSiloDetails here, ISiloStatusOracle members, IServiceProvider services)
    : GrainServiceClient<IWatcherService>(services)
{
    /// <summary>The service of the active silo; null when none is known to be alive, or when it is this one.</summary>
    public IWatcherService? Find() =>
        election.Holder is { } holder && SiloAddress.TryParse(holder, out var silo) && !silo.Equals(here.SiloAddress)
        && members.GetApproximateSiloStatus(silo) == SiloStatus.Active
            ? GetGrainService(silo)
            : null;
}
