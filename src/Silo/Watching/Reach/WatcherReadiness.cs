using NangoOrleans.Health;

namespace NangoOrleans.Watching;

/// <summary>
/// A silo is ready when it is in the cluster and some silo of it, perhaps itself, watches and has listed everything. An outage of
/// the Kubernetes API and a change of the watcher are tolerated for a while: taking silos out of service would mend neither.
/// </summary>
internal sealed class WatcherReadiness(Watcher watcher, ActiveWatcher active, ISiloStatusOracle members, EnvironmentView environments, TimeProvider time)
    : BackgroundService, IReadinessCheck
{
    /// <summary>How long nothing may have been watched before a silo is out of service.</summary>
    public static readonly TimeSpan Tolerated = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstLooks = TimeSpan.FromMilliseconds(250), LookEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private DateTimeOffset? _watchedAt;

    /// <inheritdoc/>
    public bool IsReady(out string reason)
    {
        if (watcher.Term is { } term) Note(term.State);
        DateTimeOffset? watched;
        lock (_lock) watched = _watchedAt;
        reason = members.CurrentStatus != SiloStatus.Active ? "The silo is not in the cluster."
            : !environments.IsComplete ? "The environments have not been listed yet."
            : watched is null ? "No silo has listed the resources yet."
            : time.GetUtcNow() - watched > Tolerated ? "No silo has watched the Kubernetes API for more than two minutes."
            : "";
        return reason.Length == 0;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                Note(await active.GetStateAsync(stoppingToken));
                await Task.Delay(_watchedAt is null ? FirstLooks : LookEvery, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private void Note(WatcherState state)
    {
        if (state is not { IsActive: true, IsSynced: true }) return;
        var at = time.GetUtcNow() - state.DisconnectedFor;
        lock (_lock)
        {
            if (_watchedAt is null || at > _watchedAt) _watchedAt = at;
        }
    }
}
