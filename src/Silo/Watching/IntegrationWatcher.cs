using NangoOrleans.Configuration;
using NangoOrleans.Health;
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
internal sealed partial class IntegrationWatcher : BackgroundService, IReadinessCheck
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    // A short outage of the API server must not take a silo out of service: it cannot do anything about it.
    private static readonly TimeSpan ToleratedOutage = TimeSpan.FromMinutes(2);

    private readonly IntegrationIndex _index;
    private readonly CoalescingDispatcher _dispatcher;
    private readonly EnvironmentView _environments;
    private readonly OperatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<IntegrationWatcher> _logger;
    private readonly List<IntegrationSink> _sinks = [];
    private readonly List<ResourceFeed<NangoIntegration>> _feeds = [];
    private readonly List<ResourceFeed<ObjectIdentity>> _secretFeeds = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IntegrationWatcher(
        IntegrationIndex index, CoalescingDispatcher dispatcher, EnvironmentHealth health, WatcherParts parts, OperatorOptions options, ILogger<IntegrationWatcher> logger)
    {
        (_index, _dispatcher, _environments, _options, _time, _logger) = (index, dispatcher, parts.Environments, options, parts.Time, logger);
        string?[] namespaces = options.Watch.Namespaces.Count == 0 ? [null] : [.. options.Watch.Namespaces];
        foreach (var @namespace in namespaces)
        {
            var sink = new IntegrationSink(index, dispatcher, parts, CheckSynced);
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

    /// <inheritdoc/>
    public bool IsReady(out string reason)
    {
        reason = !_index.IsComplete
            ? "The resources have not been listed yet."
            : _sinks.Any(sink => sink.DisconnectedFor > ToleratedOutage) ? "The watch of the Kubernetes API has been broken for more than two minutes." : "";
        return reason.Length == 0;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
    [
        Task.Run(() => WatchResourcesAsync(stoppingToken), stoppingToken),
        Task.Run(() => WatchSecretsAsync(stoppingToken), stoppingToken),
        Task.Run(() => SweepAsync(stoppingToken), stoppingToken),
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

        await Task.WhenAll(_feeds.Select(feed => Task.Run(() => feed.RunAsync(stoppingToken), stoppingToken)));
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
                if (!_index.IsComplete) continue;
                foreach (var (key, isStalled) in _index.TakeOverdue(_time.GetUtcNow(), Sweep, _options.Resync.Interval))
                    await _dispatcher.OfferAsync(key, new IntegrationPoke { Recheck = isStalled }, isStalled ? ReconcileLane.Resync : ReconcileLane.Change, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    [LoggerMessage(EventId = 2001, EventName = "Synced", Level = LogLevel.Information, Message = "All resources listed: {Count}")]
    private static partial void LogSynced(ILogger logger, int count);
}

/// <summary>What the watcher is built from.</summary>
/// <param name="Feeds">Makes feeds.</param>
/// <param name="Access">The administrator's word on base URLs.</param>
/// <param name="Environments">The environment objects.</param>
/// <param name="Time">The clock.</param>
internal sealed record WatcherParts(FeedFactory Feeds, INangoAccess Access, EnvironmentView Environments, TimeProvider Time);
