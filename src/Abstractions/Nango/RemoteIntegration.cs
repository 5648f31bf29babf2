using System.Text.Json.Serialization;

namespace NangoOrleans.Nango;

/// <summary>An integration as Nango shows it.</summary>
public sealed record RemoteIntegration
{
    /// <summary>Nango's key.</summary>
    [JsonPropertyName("unique_key")] public string UniqueKey { get; init; } = "";

    /// <summary>Provider name.</summary>
    [JsonPropertyName("provider")] public string Provider { get; init; } = "";

    /// <summary>Display name; the provider's when none was stored.</summary>
    [JsonPropertyName("display_name")] public string DisplayName { get; init; } = "";

    /// <summary>Whether webhooks are forwarded.</summary>
    [JsonPropertyName("forward_webhooks")] public bool? ForwardWebhooks { get; init; }

    /// <summary>Identity: changes when it is deleted and made again. Kept exactly as Nango writes it.</summary>
    [JsonPropertyName("created_at")] public string CreatedAt { get; init; } = "";

    /// <summary>Rewritten by every successful PATCH, even one that changes nothing.</summary>
    [JsonPropertyName("updated_at")] public string UpdatedAt { get; init; } = "";

    /// <summary>With <c>include=webhook</c>: where the provider sends its webhooks.</summary>
    [JsonPropertyName("webhook_url")] public string? WebhookUrl { get; init; }

    /// <summary>With <c>include=credentials</c> and the scope for it; see <see cref="CredentialsReadable"/>.</summary>
    [JsonPropertyName("credentials")] public RemoteCredentials? Credentials { get; init; }

    /// <summary>False when credentials were asked for and the key may not read them (Nango leaves the member out silently).</summary>
    [JsonIgnore] public bool CredentialsReadable { get; init; }

    /// <summary>Never the credentials.</summary>
    public override string ToString() => $"{UniqueKey} ({Provider}) created {CreatedAt} updated {UpdatedAt}";
}

/// <summary>Answer to the question whether a key exists.</summary>
/// <param name="Integration">The integration; null when it does not exist.</param>
/// <param name="AnsweredAt">Date header of the answer (whole seconds); null when it had none.</param>
public readonly record struct IntegrationLookUp(RemoteIntegration? Integration, DateTimeOffset? AnsweredAt);

/// <summary>Credentials, in clear; used both in answers and in requests. Null members are left out of requests.</summary>
public sealed record RemoteCredentials
{
    /// <summary>OAUTH1, OAUTH2, TBA, APP or CUSTOM.</summary>
    [JsonPropertyName("type")] public string Type { get; init; } = "";

    /// <summary>OAuth client id.</summary>
    [JsonPropertyName("client_id")] public string? ClientId { get; init; }

    /// <summary>OAuth client secret.</summary>
    [JsonPropertyName("client_secret")] public string? ClientSecret { get; init; }

    /// <summary>Comma-separated scopes.</summary>
    [JsonPropertyName("scopes")] public string? Scopes { get; init; }

    /// <summary>Webhook secret.</summary>
    [JsonPropertyName("webhook_secret")] public string? WebhookSecret { get; init; }

    /// <summary>App id.</summary>
    [JsonPropertyName("app_id")] public string? AppId { get; init; }

    /// <summary>App link.</summary>
    [JsonPropertyName("app_link")] public string? AppLink { get; init; }

    /// <summary>PEM private key.</summary>
    [JsonPropertyName("private_key")] public string? PrivateKey { get; init; }

    /// <summary>Never the values.</summary>
    public override string ToString() => $"{Type} credentials";
}

/// <summary>Body of <c>POST /integrations</c>; null members are left out (strict servers refuse what they do not know).</summary>
public sealed record CreateIntegration
{
    /// <summary>Nango's key.</summary>
    [JsonPropertyName("unique_key")] public required string UniqueKey { get; init; }

    /// <summary>Provider name.</summary>
    [JsonPropertyName("provider")] public required string Provider { get; init; }

    /// <summary>Display name.</summary>
    [JsonPropertyName("display_name")] public string? DisplayName { get; init; }

    /// <summary>Whether to forward webhooks.</summary>
    [JsonPropertyName("forward_webhooks")] public bool? ForwardWebhooks { get; init; }

    /// <summary>Credentials.</summary>
    [JsonPropertyName("credentials")] public RemoteCredentials? Credentials { get; init; }

    /// <summary>Settings the provider declares.</summary>
    [JsonPropertyName("integration_config")] public IReadOnlyDictionary<string, string>? IntegrationConfig { get; init; }

    /// <summary>Free settings.</summary>
    [JsonPropertyName("custom")] public IReadOnlyDictionary<string, string>? Custom { get; init; }

    /// <summary>Never the credentials.</summary>
    public override string ToString() => $"create {UniqueKey} ({Provider})";
}

/// <summary>Body of <c>PATCH /integrations/{uniqueKey}</c>: only what differs; credentials are replaced as a whole.</summary>
public sealed record UpdateIntegration
{
    /// <summary>Display name.</summary>
    [JsonPropertyName("display_name")] public string? DisplayName { get; init; }

    /// <summary>Whether to forward webhooks.</summary>
    [JsonPropertyName("forward_webhooks")] public bool? ForwardWebhooks { get; init; }

    /// <summary>Credentials, whole.</summary>
    [JsonPropertyName("credentials")] public RemoteCredentials? Credentials { get; init; }

    /// <summary>Settings to merge.</summary>
    [JsonPropertyName("integration_config")] public IReadOnlyDictionary<string, string>? IntegrationConfig { get; init; }

    /// <summary>Free settings to merge.</summary>
    [JsonPropertyName("custom")] public IReadOnlyDictionary<string, string>? Custom { get; init; }

    /// <summary>True when nothing is to change.</summary>
    [JsonIgnore]
    public bool IsEmpty => DisplayName is null && ForwardWebhooks is null && Credentials is null && IntegrationConfig is null && Custom is null;

    /// <summary>Names of the fields, for events and logs; never values.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> FieldNames =>
    [
        .. DisplayName is null ? (string[])[] : ["display_name"],
        .. ForwardWebhooks is null ? (string[])[] : ["forward_webhooks"],
        .. Credentials is null ? (string[])[] : ["credentials"],
        .. IntegrationConfig is null ? (string[])[] : ["integration_config"],
        .. Custom is null ? (string[])[] : ["custom"],
    ];

    /// <summary>Never the credentials.</summary>
    public override string ToString() => $"update of {string.Join(", ", FieldNames)}";
}

/// <summary>A provider of the server's catalogue.</summary>
public sealed record NangoProvider
{
    /// <summary>Name, as in <c>spec.provider</c>.</summary>
    [JsonPropertyName("name")] public string Name { get; init; } = "";

    /// <summary>Name for people; what Nango shows when an integration has no display name.</summary>
    [JsonPropertyName("display_name")] public string DisplayName { get; init; } = "";

    /// <summary>How end users authenticate: OAUTH2, API_KEY, ….</summary>
    [JsonPropertyName("auth_mode")] public string AuthMode { get; init; } = "";
}
