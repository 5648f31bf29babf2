namespace NangoOrleans.Integrations;

/// <summary>Who may have a key of Nango. Derived from the watcher's index, never stored.</summary>
public interface IClaims
{
    /// <summary>Asks who owns a unique_key.</summary>
    /// <param name="query">Who wants it, and what is known of where.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<ClaimAnswer> FindOwnerAsync(ClaimQuery query, CancellationToken cancellationToken);
}

/// <summary>
/// A wish for a unique_key. The same key may exist once in each environment (dev, prod) of a server, and a token does not say which
/// environment it belongs to: the more is known, the more rivals are found.
/// </summary>
/// <param name="Asking">The resource that wants it.</param>
/// <param name="BaseUrl">Base URL of the Nango server, normalised.</param>
/// <param name="UniqueKey">Nango's key.</param>
/// <param name="EnvironmentKey">Key of the environment; null before the token was read.</param>
/// <param name="CreatedAt">Nango's created_at of what is there under the key; null before it was looked at. The same time seen through two tokens is one environment.</param>
[GenerateSerializer, Immutable, Alias("nango.ClaimQuery")]
public sealed record ClaimQuery(
    [property: Id(0)] IntegrationKey Asking,
    [property: Id(1)] string BaseUrl,
    [property: Id(2)] string UniqueKey,
    [property: Id(3)] string? EnvironmentKey = null,
    [property: Id(4)] string? CreatedAt = null);

/// <summary>Answer about a claim. Never "free" while the index is incomplete: then it is unknown.</summary>
/// <param name="Known">False while the index is incomplete.</param>
/// <param name="Owner">The resource that owns the key; null when nobody but the one asking wants it.</param>
[GenerateSerializer, Immutable, Alias("nango.ClaimAnswer")]
public readonly record struct ClaimAnswer([property: Id(0)] bool Known, [property: Id(1)] IntegrationKey? Owner);
