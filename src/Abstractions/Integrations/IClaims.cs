namespace NangoOrleans.Integrations;

/// <summary>Who may have a key of Nango. Derived from the watcher's index, never stored.</summary>
public interface IClaims
{
    /// <summary>Asks who owns a unique_key at an origin.</summary>
    /// <param name="asking">The resource that wants it.</param>
    /// <param name="origin">Origin of the Nango server.</param>
    /// <param name="uniqueKey">Nango's key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<ClaimAnswer> FindOwnerAsync(IntegrationKey asking, string origin, string uniqueKey, CancellationToken cancellationToken);
}

/// <summary>Answer about a claim. Never "free" while the index is incomplete: then it is unknown.</summary>
/// <param name="Known">False while the index is incomplete.</param>
/// <param name="Owner">The resource that owns the key; null when nobody but the one asking wants it.</param>
[GenerateSerializer, Immutable, Alias("nango.ClaimAnswer")]
public readonly record struct ClaimAnswer([property: Id(0)] bool Known, [property: Id(1)] IntegrationKey? Owner);
