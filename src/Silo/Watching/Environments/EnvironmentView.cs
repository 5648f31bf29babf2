using System.Collections.Concurrent;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>The environment objects and namespaces as their feeds last showed them.</summary>
internal sealed class EnvironmentView : IEnvironmentView
{
    private readonly ConcurrentDictionary<EnvironmentId, NangoEnvironment> _environments = new();
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _namespaces = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile EnvironmentChanges? _listener;

    /// <summary>Called when somebody doubts an environment.</summary>
    public Action<EnvironmentId>? Doubted { get; set; }

    /// <summary>Told of changes while this silo watches; null while it does not.</summary>
    public EnvironmentChanges? Listener
    {
        get => _listener;
        set => _listener = value;
    }

    /// <summary>Ends once everything was listed.</summary>
    public Task Synced => _synced.Task;

    /// <inheritdoc/>
    public bool IsComplete => _synced.Task.IsCompleted;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Namespaces => [.. _namespaces.Keys];

    /// <summary>Every environment object.</summary>
    public IReadOnlyCollection<NangoEnvironment> All => [.. _environments.Values];

    /// <inheritdoc/>
    public NangoEnvironment? Find(EnvironmentId id) => _environments.GetValueOrDefault(id);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string>? LabelsOf(string @namespace) => _namespaces.GetValueOrDefault(@namespace);

    /// <inheritdoc/>
    public void Doubt(EnvironmentId id) => Doubted?.Invoke(id);

    /// <summary>Everything was listed.</summary>
    public void Complete() => _synced.TrySetResult();

    /// <summary>Takes in an environment object.</summary>
    /// <param name="environment">As seen.</param>
    /// <returns>The object as known before.</returns>
    public NangoEnvironment? Set(NangoEnvironment environment)
    {
        var before = Find(environment.Id);
        _environments[environment.Id] = environment;
        return before;
    }

    /// <summary>Forgets an environment object.</summary>
    /// <param name="id">Which.</param>
    public void Remove(EnvironmentId id) => _environments.TryRemove(id, out _);

    /// <summary>Takes in a namespace.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels; null when it is gone.</param>
    /// <returns>True when that is news.</returns>
    public bool SetNamespace(string name, IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null) return _namespaces.TryRemove(name, out _);
        var before = LabelsOf(name);
        _namespaces[name] = labels;
        return before is null || before.Count != labels.Count || labels.Any(label => before.GetValueOrDefault(label.Key) != label.Value);
    }
}
