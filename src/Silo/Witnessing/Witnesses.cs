using NangoOrleans.Integrations;
using Orleans.Runtime.Services;

namespace NangoOrleans.Witnessing;

/// <summary>Reaches the witness services of all other silos. Which of them lives on is not known beforehand, and it is rarely needed: so all are asked.</summary>
internal sealed partial class Witnesses(
    WitnessedLeftovers own, ILocalSiloDetails here, IClusterMembershipService members, IServiceProvider services, TimeProvider time, ILogger<Witnesses> logger)
    : GrainServiceClient<IWitnessService>(services), IWitnesses
{
    // One that has just died must not hold up a grain for longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<bool> KeepAsync(Leftover leftover)
    {
        // What a grain of this silo has, this silo need not remember for another.
        own.Forget(leftover.Uid);
        return (await Task.WhenAll(Others().Select(silo => AskAsync(silo, service => service.Keep(leftover, here.SiloAddress))))).Contains(true);
    }

    /// <inheritdoc/>
    public Task ForgetAsync(string uid)
    {
        own.Forget(uid);
        return Task.WhenAll(Others().Select(silo => AskAsync(silo, service => service.Forget(uid))));
    }

    private SiloAddress[] Others() =>
        [.. members.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(here.SiloAddress)).Select(member => member.SiloAddress)];

    private async Task<bool> AskAsync(SiloAddress silo, Func<IWitnessService, Task> ask)
    {
        try
        {
            await ask(GetGrainService(silo)).WaitAsync(Patience, time);
            return true;
        }
        catch (Exception e)
        {
            // Gone, or of a version that remembers nothing for others.
            LogUnreachable(logger, e, silo);
            return false;
        }
    }

    [LoggerMessage(EventId = 2050, EventName = "WitnessUnreachable", Level = LogLevel.Debug, Message = "Silo {Silo} could not be asked to remember or forget something")]
    private static partial void LogUnreachable(ILogger logger, Exception exception, SiloAddress silo);
}
