using System.Collections.Concurrent;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations;
using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>The administrator's word and the index' claims, as a test sets them.</summary>
internal sealed class Permissions : INangoAccess, IClaims
{
    /// <summary>The operator's own token; null when it may not be used.</summary>
    public string? DefaultToken { get; set; }

    /// <summary>False while the index is incomplete.</summary>
    public bool ClaimsKnown { get; set; } = true;

    /// <summary>Owners by Nango's key.</summary>
    public ConcurrentDictionary<string, IntegrationKey> Owners { get; } = new(StringComparer.Ordinal);

    public BaseUrlAnswer CheckBaseUrl(string? baseUrl) => baseUrl is null or A.BaseUrl
        ? new(A.BaseUrl, null)
        : new(null, new Failure(FailureKind.Terminal, Reasons.BaseUrlNotAllowed, "It is not on the list."));

    public DefaultCredentialAnswer GetDefaultCredential(string @namespace, string baseUrl) => DefaultToken is { } token
        ? new(token, null)
        : new(null, new Failure(FailureKind.Terminal, Reasons.DefaultCredentialNotAllowed, $"It may not be used in {@namespace}."));

    public ValueTask<ClaimAnswer> FindOwnerAsync(ClaimQuery query, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ClaimAnswer(ClaimsKnown, Owners.TryGetValue(query.UniqueKey, out var owner) && owner != query.Asking ? owner : null));
}
