using System.Threading.Channels;
using NangoOrleans.Integrations;

namespace NangoOrleans.Witnessing;

/// <summary>Tells grains what their former silo knew, once that silo is gone.</summary>
internal sealed partial class WitnessDuty(WitnessedLeftovers leftovers, IClusterMembershipService members, IGrainFactory grains, TimeProvider time, ILogger<WitnessDuty> logger) : BackgroundService
{
    // A grain that could not be reached is tried again; one that was told is told again until it says that it has it.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5), AgainAtMost = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something may have to be told: what was just kept may come from a silo that is gone by now.</summary>
    public void Look() => _calls.Writer.TryWrite(true);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(FollowAsync(stoppingToken), TellAsync(stoppingToken));

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in members.MembershipUpdates.WithCancellation(stoppingToken)) Look();
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task TellAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _calls.Reader.WaitToReadAsync(stoppingToken))
            {
                _calls.Reader.TryRead(out _);
                var again = Again;
                while (leftovers.Orphans(IsGone) is { Count: > 0 } orphans)
                {
                    foreach (var orphan in orphans) await TellAsync(orphan, stoppingToken);
                    await Task.Delay(again, time, stoppingToken);
                    again = again * 2 < AgainAtMost ? again * 2 : AgainAtMost;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task TellAsync(Leftover leftover, CancellationToken stoppingToken)
    {
        try
        {
            await grains.GetGrain<INangoIntegrationGrain>(leftover.Key.ToString()).Observe(new IntegrationPoke { Leftovers = [leftover] }).AsTask().WaitAsync(stoppingToken);
            LogTold(logger, leftover.Key);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogNotTold(logger, e, leftover.Key);
        }
    }

    // One that never was a member of what this silo sees has left before it came.
    private bool IsGone(SiloAddress silo) => members.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None;

    [LoggerMessage(EventId = 2051, EventName = "OrphanTold", Level = LogLevel.Information, Message = "{Key}: its silo is gone, so its grain was told what that silo had made for it in Nango")]
    private static partial void LogTold(ILogger logger, IntegrationKey key);

    [LoggerMessage(EventId = 2052, EventName = "OrphanNotTold", Level = LogLevel.Warning, Message = "{Key}: its grain could not be told what was made for it in Nango; trying again")]
    private static partial void LogNotTold(ILogger logger, Exception exception, IntegrationKey key);
}
