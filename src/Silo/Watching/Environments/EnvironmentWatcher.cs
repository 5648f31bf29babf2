using NangoOrleans.Configuration;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>Runs the feeds of environment objects and namespaces, and tells the integrations that a change of one concerns.</summary>
internal sealed class EnvironmentWatcher : BackgroundService
{
    private readonly EnvironmentView _view;
    private readonly EnvironmentHealth _health;
    private readonly IntegrationIndex _index;
    private readonly CoalescingDispatcher _dispatcher;
    private readonly WatcherParts _parts;
    private readonly List<Func<CancellationToken, Task>> _feeds = [];
    private readonly List<Func<bool>> _synced = [];

    public EnvironmentWatcher(
        EnvironmentView view, EnvironmentHealth health, IntegrationIndex index, CoalescingDispatcher dispatcher, WatcherParts parts, OperatorOptions options)
    {
        (_view, _health, _index, _dispatcher, _parts) = (view, health, index, dispatcher, parts);
        string?[] namespaces = options.Watch.Namespaces.Count == 0 ? [null] : [.. options.Watch.Namespaces];
        foreach (var @namespace in namespaces) Add<NangoEnvironment>(new() { Resource = ResourceType.NangoEnvironments, Namespace = @namespace }, NangoEnvironmentParser.Parse, SeeAsync);
        view.SeesCluster = options.Watch.ClusterEnvironments;
        if (!view.SeesCluster) return;
        Add<NangoEnvironment>(new() { Resource = ResourceType.ClusterNangoEnvironments }, NangoEnvironmentParser.Parse, SeeAsync);
        Add<IReadOnlyDictionary<string, string>>(new() { Resource = ResourceType.Namespaces, MetadataOnly = true }, NamespaceLabels.Parse, SeeNamespaceAsync);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_feeds.Select(run => Task.Run(() => run(stoppingToken), stoppingToken)));

    private void Add<T>(FeedOptions options, BodyParser<T> parser, Func<ObjectIdentity, T?, CancellationToken, ValueTask> seen)
        where T : class
    {
        var sink = new EnvironmentSink<T>(seen, CheckSynced);
        _synced.Add(() => sink.IsSynced);
        var feed = _parts.Feeds.Create(options, parser, sink);
        _feeds.Add(feed.RunAsync);
    }

    private void CheckSynced()
    {
        if (_synced.TrueForAll(isSynced => isSynced())) _view.Complete();
    }

    private async ValueTask SeeAsync(ObjectIdentity identity, NangoEnvironment? environment, CancellationToken cancellationToken)
    {
        var id = new EnvironmentId(identity.Namespace, identity.Name);
        if (environment is null)
        {
            _view.Remove(id);
            _health.Forget(id);
            await TellAsync(_index.UsersOf(id), cancellationToken);
            return;
        }

        var before = _view.Set(environment);
        if (before is null || Wish(before) != Wish(environment)) _health.Look(id);
        if (before is null || Wish(before) != Wish(environment) || Verdict(before) != Verdict(environment))
            await TellAsync(_index.UsersOf(id), cancellationToken);
    }

    private async ValueTask SeeNamespaceAsync(ObjectIdentity identity, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        if (_view.SetNamespace(identity.Name, labels)) await TellAsync(_index.EnvironmentUsersIn(identity.Name), cancellationToken);
    }

    // Rows first: a claim that moves with its environment must be known before anybody acts on it.
    private async ValueTask TellAsync(IReadOnlyList<IntegrationKey> users, CancellationToken cancellationToken)
    {
        var concerned = new HashSet<IntegrationKey>(users);
        foreach (var key in users) concerned.UnionWith(_index.Resolve(key, _view, _parts.Access));
        if (!_index.IsComplete) return;
        foreach (var key in concerned) await _dispatcher.OfferAsync(key, new IntegrationPoke { Recheck = true }, ReconcileLane.Change, cancellationToken);
    }

    private static (string Uid, long Generation) Wish(NangoEnvironment environment) => (environment.Metadata.Uid, environment.Metadata.Generation);

    // Counts and times in the status concern nobody.
    private static (long? Generation, string? Ready, string? Reason, ObservedSecret? Secret) Verdict(NangoEnvironment environment) => (
        environment.Status?.ObservedGeneration,
        environment.Status?.Condition(ConditionTypes.Ready)?.Status,
        environment.Status?.Condition(ConditionTypes.Ready)?.Reason,
        environment.Status?.TokenSecret);
}
