using NangoOrleans.Configuration;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>Runs the feeds of environment objects and namespaces: in every silo, since every silo decides by them.</summary>
internal sealed class EnvironmentWatcher : BackgroundService
{
    private readonly EnvironmentView _view;
    private readonly FeedFactory _factory;
    private readonly List<Func<CancellationToken, Task>> _feeds = [];
    private readonly List<Func<bool>> _synced = [];

    public EnvironmentWatcher(EnvironmentView view, FeedFactory factory, OperatorOptions options)
    {
        (_view, _factory) = (view, factory);
        string?[] namespaces = options.Watch.Namespaces.Count == 0 ? [null] : [.. options.Watch.Namespaces];
        foreach (var @namespace in namespaces) Add<NangoEnvironment>(new() { Resource = ResourceType.NangoEnvironments, Namespace = @namespace }, NangoEnvironmentParser.Parse, SeeAsync);
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
        var feed = _factory.Create(options, parser, sink);
        _feeds.Add(feed.RunAsync);
    }

    private void CheckSynced()
    {
        if (_synced.TrueForAll(isSynced => isSynced())) _view.Complete();
    }

    private async ValueTask SeeAsync(ObjectIdentity identity, NangoEnvironment? environment, CancellationToken cancellationToken)
    {
        if (environment is null)
        {
            var id = new EnvironmentId(identity.Namespace, identity.Name);
            _view.Remove(id);
            if (_view.Listener is { } told) await told.GoneAsync(id, cancellationToken);
            return;
        }

        var before = _view.Set(environment);
        if (_view.Listener is { } listener) await listener.SeenAsync(before, environment, cancellationToken);
    }

    private async ValueTask SeeNamespaceAsync(ObjectIdentity identity, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        if (_view.SetNamespace(identity.Name, labels) && _view.Listener is { } listener) await listener.NamespaceChangedAsync(identity.Name, cancellationToken);
    }
}
