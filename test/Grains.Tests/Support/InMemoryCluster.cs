using System.Collections.Concurrent;
using System.Globalization;
using NangoOrleans.Failures;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>Kubernetes, as far as the operator sees it: versions, uids, finalizers, preconditions.</summary>
internal sealed class InMemoryCluster(Wire wire) : IIntegrationStore, ISecretReader, IEventRecorder, IDefinitionReader
{
    private readonly Dictionary<IntegrationKey, NangoIntegration> _objects = [];
    private readonly Dictionary<string, SecretData> _secrets = new(StringComparer.Ordinal);
    private long _version = 1000;

    /// <summary>Events in the order told, as <c>namespace/name reason</c>.</summary>
    public ConcurrentQueue<(string Name, bool Warning, string Reason, string Message)> Events { get; } = new();

    /// <summary>Every status that was written.</summary>
    public ConcurrentQueue<(NangoIntegration Seen, NangoIntegrationStatus Status)> Statuses { get; } = new();

    /// <summary>The object as it is now.</summary>
    public NangoIntegration? Find(IntegrationKey key) => wire.Apply(() => _objects.GetValueOrDefault(key));

    /// <summary>Stores an object as a user's apply does.</summary>
    public NangoIntegration Put(NangoIntegration resource) => wire.Apply(() => Store(resource));

    /// <summary>A user edits the spec.</summary>
    public NangoIntegration Edit(IntegrationKey key, Func<NangoIntegrationSpec, NangoIntegrationSpec> change) => wire.Apply(() =>
    {
        var now = _objects[key];
        return Store(now with { Spec = change(now.Spec!), Metadata = now.Metadata with { Generation = now.Metadata.Generation + 1 } });
    });

    /// <summary>A user deletes the object.</summary>
    public NangoIntegration? Delete(IntegrationKey key, DateTimeOffset at) => wire.Apply(() =>
    {
        if (!_objects.TryGetValue(key, out var now)) return null;
        if (now.Metadata.Finalizers.Count > 0) return Store(now with { Metadata = now.Metadata with { DeletionTimestamp = now.Metadata.DeletionTimestamp ?? at } });
        _objects.Remove(key);
        return null;
    });

    /// <summary>Somebody takes all finalizers off a deleted object.</summary>
    public bool Vanish(IntegrationKey key) => wire.Apply(() => _objects.Remove(key));

    public void PutSecret(string name, params (string Key, string Value)[] values) =>
        wire.Apply(() => _secrets[name] = new SecretData("uid-" + name, NextVersion(), values.ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal)));

    public Task<NangoIntegration?> GetAsync(IntegrationKey key, CancellationToken cancellationToken) =>
        wire.CallAsync($"get {key}", () => _objects.GetValueOrDefault(key));

    public Task<NangoIntegration?> AddFinalizerAsync(NangoIntegration seen, IReadOnlyDictionary<string, string>? annotations, CancellationToken cancellationToken) =>
        wire.CallAsync($"finalizer-on {Key(seen)}", () => Current(seen) is { } now
            ? Store(now with { Metadata = now.Metadata with { Finalizers = [.. now.Metadata.Finalizers.Where(f => f != NangoApi.Finalizer), NangoApi.Finalizer], Annotations = Merge(now.Metadata.Annotations, annotations) } })
            : null);

    public Task<NangoIntegration?> RemoveFinalizerAsync(NangoIntegration seen, CancellationToken cancellationToken) => wire.CallAsync($"finalizer-off {Key(seen)}", () =>
    {
        if (Current(seen) is not { } now) return null;
        string[] left = [.. now.Metadata.Finalizers.Where(f => f != NangoApi.Finalizer)];
        var after = now with { Metadata = now.Metadata with { Finalizers = left } };
        if (!now.IsDeleting || left.Length > 0) return Store(after);
        _objects.Remove(Key(now));
        return after;
    });

    /// <summary>True while the definition of the resource is being deleted.</summary>
    public bool IsUninstalling { get; set; }

    public Task<bool> IsBeingDeletedAsync(CancellationToken cancellationToken) => Task.FromResult(IsUninstalling);

    public Task<NangoIntegration?> ReplaceStatusAsync(NangoIntegration seen, NangoIntegrationStatus status, CancellationToken cancellationToken) =>
        wire.CallAsync($"status {Key(seen)}", () =>
        {
            if (Current(seen) is not { } now) return null;
            Statuses.Enqueue((seen, status));
            return Store(now with { Status = status });
        });

    public Task<SecretData?> ReadAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        wire.CallAsync($"secret {name}", () => _secrets.GetValueOrDefault(name));

    public void Record(NangoIntegration about, bool warning, string reason, string message) => Events.Enqueue((Key(about).ToString(), warning, reason, message));

    public void Record(NangoEnvironment about, bool warning, string reason, string message) => Events.Enqueue((about.Id.ToString(), warning, reason, message));

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> known, IReadOnlyDictionary<string, string>? more) =>
        new(known.Where(a => more?.ContainsKey(a.Key) != true).Concat(more ?? new Dictionary<string, string>(StringComparer.Ordinal)), StringComparer.Ordinal);

    private NangoIntegration? Current(NangoIntegration seen)
    {
        if (!_objects.TryGetValue(Key(seen), out var now)) return null;
        return now.Metadata.Uid == seen.Metadata.Uid && now.Metadata.ResourceVersion == seen.Metadata.ResourceVersion
            ? now
            : throw Wire.Failing(FailureKind.Conflict, Reasons.ObjectChanged);
    }

    private NangoIntegration Store(NangoIntegration resource) => _objects[Key(resource)] = resource with { Metadata = resource.Metadata with { ResourceVersion = NextVersion() } };

    private string NextVersion() => (++_version).ToString(CultureInfo.InvariantCulture);

    private static IntegrationKey Key(NangoIntegration resource) => new(resource.Metadata.Namespace, resource.Metadata.Name);
}
