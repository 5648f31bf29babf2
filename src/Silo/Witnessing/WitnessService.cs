using NangoOrleans.Integrations;
using Orleans.Concurrency;

namespace NangoOrleans.Witnessing;

/// <summary>Remembers for other silos.</summary>
[Reentrant]
internal sealed class WitnessService(GrainId id, Silo silo, ILoggerFactory logging, WitnessedLeftovers leftovers, WitnessDuty duty) : GrainService(id, silo, logging), IWitnessService
{
    /// <inheritdoc/>
    public Task Keep(Leftover leftover, SiloAddress holder)
    {
        leftovers.Keep(leftover, holder);
        duty.Look();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Forget(string uid)
    {
        leftovers.Forget(uid);
        return Task.CompletedTask;
    }
}
