using System.Collections.Concurrent;
using NangoOrleans.Failures;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>Environment objects and namespaces, as a test sets them.</summary>
internal sealed class InMemoryEnvironments : IEnvironmentView, IEnvironmentStore
{
    private readonly ConcurrentDictionary<EnvironmentId, NangoEnvironment> _seen = new(), _stored = new();

    public bool IsComplete { get; set; } = true;

    public bool SeesCluster { get; set; } = true;

    public Dictionary<string, IReadOnlyDictionary<string, string>> Labels { get; } = new(StringComparer.Ordinal) { ["team"] = new Dictionary<string, string>(StringComparer.Ordinal) };

    public IReadOnlyCollection<string> Namespaces => Labels.Keys;

    public ConcurrentQueue<EnvironmentId> Doubts { get; } = new();

    /// <summary>Puts an object where feed and reads see it.</summary>
    public void Put(NangoEnvironment environment) => _seen[environment.Id] = _stored[environment.Id] = environment;

    /// <summary>Puts an object that the feed has not brought yet.</summary>
    public void PutUnseen(NangoEnvironment environment) => _stored[environment.Id] = environment;

    public NangoEnvironment? Find(EnvironmentId id) => _seen.GetValueOrDefault(id);

    public NangoEnvironment? FindByUid(string uid) => _seen.Values.FirstOrDefault(environment => environment.Metadata.Uid == uid);

    public IReadOnlyDictionary<string, string>? LabelsOf(string @namespace) => Labels.GetValueOrDefault(@namespace);

    public void Doubt(EnvironmentId id) => Doubts.Enqueue(id);

    public Task<NangoEnvironment?> GetAsync(EnvironmentId id, CancellationToken cancellationToken) => Task.FromResult(_stored.GetValueOrDefault(id));

    public Task<NangoEnvironment?> ReplaceStatusAsync(NangoEnvironment seen, NangoEnvironmentStatus status, CancellationToken cancellationToken) =>
        throw new FailureException(new Failure(FailureKind.Terminal, Reasons.KubernetesForbidden, "Nothing here writes it."));
}
