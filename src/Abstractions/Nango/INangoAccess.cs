using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>
/// The administrator's word on where the operator may speak to, and for whom its own credential may be used.
/// A security boundary: a tenant chooses both the base URL and the token field of a resource.
/// </summary>
public interface INangoAccess
{
    /// <summary>Normalises and checks a base URL.</summary>
    /// <param name="baseUrl">As written in the resource; null means the operator's default.</param>
    BaseUrlAnswer CheckBaseUrl(string? baseUrl);

    /// <summary>The operator's default credential, if it may be used in a namespace and for a base URL.</summary>
    /// <param name="namespace">Namespace of the resource.</param>
    /// <param name="baseUrl">Normalised base URL that the token would be sent to.</param>
    DefaultCredentialAnswer GetDefaultCredential(string @namespace, string baseUrl);
}

/// <summary>Either the normalised base URL or a refusal.</summary>
/// <param name="BaseUrl">Normalised, without trailing slash; null when refused.</param>
/// <param name="Refusal">Why not; null when allowed.</param>
public sealed record BaseUrlAnswer(string? BaseUrl, Failure? Refusal);

/// <summary>Either a token or a refusal; the token never shows in <see cref="ToString"/>.</summary>
/// <param name="Token">The operator's token; null when refused.</param>
/// <param name="Refusal">Why not; null when allowed.</param>
public sealed record DefaultCredentialAnswer(string? Token, Failure? Refusal)
{
    /// <summary>Never the token.</summary>
    public override string ToString() => Refusal is null ? "default credential" : Refusal.Message;
}
