using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>The metadata the operator works with; labels, managed fields and other annotations are never read into memory.</summary>
[GenerateSerializer, Immutable, Alias("nango.ObjectMetadata")]
public sealed record ObjectMetadata
{
    /// <summary>Object name.</summary>
    [Id(0), JsonPropertyName("name")] public string Name { get; init; } = "";

    /// <summary>Namespace; empty for cluster-scoped kinds.</summary>
    [Id(1), JsonPropertyName("namespace")] public string Namespace { get; init; } = "";

    /// <summary>Identity over time: a deleted and re-created object has another.</summary>
    [Id(2), JsonPropertyName("uid")] public string Uid { get; init; } = "";

    /// <summary>Version of the whole object, the precondition of every write.</summary>
    [Id(3), JsonPropertyName("resourceVersion")] public string ResourceVersion { get; init; } = "";

    /// <summary>Moves when the spec changes.</summary>
    [Id(4), JsonPropertyName("generation")] public long Generation { get; init; }

    /// <summary>When the object was made (whole seconds).</summary>
    [Id(5), JsonPropertyName("creationTimestamp")] public DateTimeOffset CreationTimestamp { get; init; }

    /// <summary>When deletion was asked for; null while the object is to exist.</summary>
    [Id(6), JsonPropertyName("deletionTimestamp")] public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>All finalizers, in order; ours is <see cref="NangoApi.Finalizer"/>.</summary>
    [Id(7), JsonPropertyName("finalizers")] public IReadOnlyList<string> Finalizers { get; init; } = [];

    /// <summary>Only annotations of our own group; others are dropped when an object is read.</summary>
    [Id(8), JsonPropertyName("annotations")]
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
