using System.Collections.Immutable;

namespace NangoOrleans.FakeNango;

/// <summary>A row of Nango's integration table. Holds secrets, so it prints as its key only.</summary>
public sealed record StoredIntegration
{
    /// <summary>Name within the environment.</summary>
    public required string UniqueKey { get; init; }

    /// <summary>Name of the provider; may have left the catalogue.</summary>
    public required string Provider { get; init; }

    /// <summary>Null when the provider's name is shown.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Whether webhooks are forwarded.</summary>
    public bool ForwardWebhooks { get; init; } = true;

    /// <summary>Constant over updates and renames.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Set by every PATCH, also a no-op.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>OAuth client id, or the app id of APP.</summary>
    public string? ClientId { get; init; }

    /// <summary>OAuth client secret, or the private key of APP.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Comma-separated.</summary>
    public string? Scopes { get; init; }

    /// <summary>Link of APP and CUSTOM.</summary>
    public string? AppLink { get; init; }

    /// <summary>Everything else: webhookSecret, app_id and private_key of CUSTOM, integration_config.</summary>
    public ImmutableSortedDictionary<string, string> Custom { get; init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Uses the Nango-provided developer app (quickstart); own credentials then have no effect.</summary>
    public bool UsesSharedApp { get; init; }

    /// <summary>Breaks ties of <see cref="CreatedAt"/>.</summary>
    internal long Order { get; init; }

    /// <inheritdoc/>
    public override string ToString() => UniqueKey;
}
