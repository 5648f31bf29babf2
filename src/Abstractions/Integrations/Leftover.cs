using NangoOrleans.Resources;

namespace NangoOrleans.Integrations;

/// <summary>
/// What is, or may be, in Nango for a resource that is, or may be, gone without its deletion having been seen through: a DELETE overtook our finalizer,
/// or nobody could be told of a create yet. Nothing durable holds it, so silos tell it to each other (docs/decisions/0015-leftovers.md).
/// </summary>
/// <param name="Resource">The redacted resource, as it was last seen.</param>
/// <param name="CreatedAt">Nango's created_at, exactly as Nango writes it; null when nobody knows whether anything was made.</param>
/// <param name="Since">Since when that is known; the time for removing it runs from here.</param>
/// <param name="MayBeUnselected">True when a label selector is watched by: then it may be there, and merely not be selected any more.</param>
[GenerateSerializer, Immutable, Alias("nango.Leftover")]
public sealed record Leftover(
    [property: Id(0)] NangoIntegration Resource,
    [property: Id(1)] string? CreatedAt,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] bool MayBeUnselected = false)
{
    /// <summary>Which life of which resource.</summary>
    public string Uid => Resource.Metadata.Uid;

    /// <summary>Its grain.</summary>
    public IntegrationKey Key => new(Resource.Metadata.Namespace, Resource.Metadata.Name);
}
