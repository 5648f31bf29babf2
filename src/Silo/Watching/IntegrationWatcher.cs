using NangoOrleans.Configuration;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>
/// Runs the feeds (one for each watched namespace, or one for all) and sweeps for resources that nobody has finished: an
/// acknowledged poke is never proof of work.
/// </summary>
internal sealed partial class IntegrationWatcher
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    private readonly IntegrationIndex _index;
    private readonly CoalescingDispatcher _dispatcher;
    private readonly EnvironmentView _environments;
    private readonly IClusterMembershipService _membership;
    private readonly OperatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<IntegrationWatcher> _logger;
    private readonly List<IntegrationSink> _sinks = [];
    private readonly List<ResourceFeed<NangoIntegration>> _feeds = [];
    private readonly List<ResourceFeed<ObjectIdentity>> _secretFeeds = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IntegrationWatcher(
        IntegrationIndex index, CoalescingDispatcher dispatcher, EnvironmentHealth health, WatcherParts parts, IClusterMembershipService membership,
        OperatorOptions options, ILogger<IntegrationWatcher> logger)
    {
        (_index, _dispatcher, _environments, _membership, _options, _time, _logger) = (index, dispatcher, parts.Environments, membership, options, parts.Time, logger);
        string?[] namespaces = options.Watch.Namespaces.Count == 0 ? [null] : [.. options.Watch.Namespaces];
        foreach (var @namespace in namespaces)
        {
            var sink = new IntegrationSink(index, dispatcher, parts, options.Watch.LabelSelector is { Length: > 0 }, CheckSynced);
            _sinks.Add(sink);
            _feeds.Add(parts.Feeds.Create(
                new FeedOptions { Resource = ResourceType.NangoIntegrations, Namespace = @namespace, LabelSelector = options.Watch.LabelSelector },
                NangoIntegrationParser.ParseRedacted,
                sink));
            if (!options.Secrets.Watch) continue;
            _secretFeeds.Add(parts.Feeds.Create(
                new FeedOptions { Resource = ResourceType.Secrets, Namespace = @namespace, MetadataOnly = true },
                // The identity is all that is wanted, and the feed reads that by itself.
                static _ => default(ObjectIdentity),
                new SecretSink(index, health, dispatcher)));
        }
    }

    /// <summary>How long a connection has been lost; zero while all stand.</summary>
    public TimeSpan DisconnectedFor => _sinks.Max(sink => sink.DisconnectedFor) ?? TimeSpan.Zero;

    /// <summary>Watches until told to stop.</summary>
    /// <param name="stoppingToken">The end of the term.</param>
    public Task RunAsync(CancellationToken stoppingToken) => Task.WhenAll(
    [
        Task.Run(() => WatchResourcesAsync(stoppingToken), CancellationToken.None),
        Task.Run(() => WatchSecretsAsync(stoppingToken), CancellationToken.None),
        Task.Run(() => SweepAsync(stoppingToken), CancellationToken.None),
        Task.Run(() => FollowMembersAsync(stoppingToken), CancellationToken.None),
    ]);

    // After the environments: where a resource points, and so what it claims, depends on them.
    private async Task WatchResourcesAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _environments.Synced.WaitAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await Task.WhenAll(_feeds.Select(feed => Task.Run(() => feed.RunAsync(stoppingToken), CancellationToken.None)));
    }

    private void CheckSynced()
    {
        if (_index.IsComplete || !_sinks.TrueForAll(sink => sink.IsSynced)) return;
        _index.IsComplete = true;
        LogSynced(_logger, _index.Count);
        _synced.TrySetResult();
    }

    // After the resources: a Secret that was rotated while nobody watched is told by comparing it with what they last applied.
    private async Task WatchSecretsAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _synced.Task.WaitAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await Task.WhenAll(_secretFeeds.Select(feed => feed.RunAsync(stoppingToken)));
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Sweep, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await PokeOverdueAsync(Sweep, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
    }

    // What a silo was working on when it left is begun again at once, not at the next sweep.
    private async Task FollowMembersAsync(CancellationToken stoppingToken)
    {
        HashSet<SiloAddress> known = [];
        try
        {
            await foreach (var snapshot in _membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                HashSet<SiloAddress> alive = [.. snapshot.Members.Values.Where(member => member.Status is not SiloStatus.Dead).Select(member => member.SiloAddress)];
                var left = known.Count(silo => !alive.Contains(silo));
                known = alive;
                if (left == 0) continue;
                LogSiloLeft(_logger, left);
                await PokeOverdueAsync(TimeSpan.Zero, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
    }

    private async Task PokeOverdueAsync(TimeSpan unsettledAfter, CancellationToken stoppingToken)
    {
        if (!_index.IsComplete) return;
        foreach (var (key, isStalled) in _index.TakeOverdue(_time.GetUtcNow(), unsettledAfter, _options.Resync.Interval))
            await _dispatcher.OfferAsync(key, new IntegrationPoke { Recheck = isStalled }, isStalled ? ReconcileLane.Resync : ReconcileLane.Change, stoppingToken);
    }

    [LoggerMessage(EventId = 2001, EventName = "Synced", Level = LogLevel.Information, Message = "All resources listed: {Count}")]
    private static partial void LogSynced(ILogger logger, int count);

    [LoggerMessage(EventId = 2002, EventName = "SiloLeft", Level = LogLevel.Information, Message = "{Count} silos left the cluster; what is unfinished is looked at again")]
    private static partial void LogSiloLeft(ILogger logger, int count);
}

/// <summary>What the watcher is built from.</summary>
/// <param name="Feeds">Makes feeds.</param>
/// <param name="Access">The administrator's word on base URLs.</param>
/// <param name="Environments">The environment objects.</param>
/// <param name="Time">The clock.</param>
internal sealed record WatcherParts(FeedFactory Feeds, INangoAccess Access, EnvironmentView Environments, TimeProvider Time);
