using System.ComponentModel;
using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>Names a Secret whose keys are the names of the credential fields.</summary>
[GenerateSerializer, Immutable, Alias("nango.SecretReference")]
public sealed record SecretReference
{
    /// <summary>Name of the Secret, in the resource's own namespace.</summary>
    [Id(0), JsonPropertyName("name")]
    [Description("Name of a Secret in this namespace."), Schema(Required = true, MinLength = 1, MaxLength = 253)]
    public string Name { get; init; } = "";
}

/// <summary>Credentials of an app at the provider. Which fields are needed depends on <see cref="Type"/>.</summary>
[GenerateSerializer, Immutable, Alias("nango.IntegrationCredentials")]
public sealed record IntegrationCredentials
{
    /// <summary>One of OAUTH1, OAUTH2, TBA, APP, CUSTOM; must equal the provider's auth mode.</summary>
    [Id(0), JsonPropertyName("type")]
    [Description("OAUTH1, OAUTH2, TBA, APP or CUSTOM; must be the provider's auth mode in Nango's catalogue."), Schema(Required = true)]
    public string? Type { get; init; }

    /// <summary>OAuth client id, 1–255 characters.</summary>
    [Id(1), JsonPropertyName("client_id")]
    [Description("OAuth client id (OAUTH1, OAUTH2, TBA, CUSTOM): a string, {value: …} or {secretKeyRef: {name, key}}.")]
    public SensitiveValue? ClientId { get; init; }

    /// <summary>OAuth client secret.</summary>
    [Id(2), JsonPropertyName("client_secret")]
    [Description("OAuth client secret (OAUTH1, OAUTH2, TBA, CUSTOM): a string, {value: …} or {secretKeyRef: {name, key}}.")]
    public SensitiveValue? ClientSecret { get; init; }

    /// <summary>Comma-separated scopes without blanks; empty clears them.</summary>
    [Id(3), JsonPropertyName("scopes")]
    [Description("OAuth scopes, separated by commas, without blanks. Left out: what Nango has, or the provider's default.")]
    public string? Scopes { get; init; }

    /// <summary>Secret that signs the provider's webhooks, up to 255 characters.</summary>
    [Id(4), JsonPropertyName("webhook_secret")]
    [Description("Secret that signs the provider's webhooks (OAUTH1, OAUTH2, TBA): a string, {value: …} or {secretKeyRef: {name, key}}.")]
    public SensitiveValue? WebhookSecret { get; init; }

    /// <summary>Id of the app, 1–255 characters.</summary>
    [Id(5), JsonPropertyName("app_id")]
    [Description("Id of the app (APP, CUSTOM): a string, {value: …} or {secretKeyRef: {name, key}}.")]
    public SensitiveValue? AppId { get; init; }

    /// <summary>Public link of the app, 1–255 characters.</summary>
    [Id(6), JsonPropertyName("app_link")]
    [Description("Public link of the app (APP, CUSTOM)."), Schema(MinLength = 1, MaxLength = 255)]
    public string? AppLink { get; init; }

    /// <summary>RSA private key in PEM form (PKCS#1).</summary>
    [Id(7), JsonPropertyName("private_key")]
    [Description("RSA private key in PEM form, beginning with -----BEGIN RSA PRIVATE KEY----- (APP, CUSTOM): a string, {value: …} or {secretKeyRef: {name, key}}.")]
    public SensitiveValue? PrivateKey { get; init; }

    /// <summary>A Secret that holds any of the fields above under their own names.</summary>
    [Id(8), JsonPropertyName("secret_ref")]
    [Description("Secret whose keys are the field names (client_id, client_secret, …); a field written here wins over the Secret.")]
    public SecretReference? SecretRef { get; init; }

    /// <summary>A copy without literals.</summary>
    public IntegrationCredentials Redact() => this with
    {
        ClientId = ClientId?.Redact(),
        ClientSecret = ClientSecret?.Redact(),
        WebhookSecret = WebhookSecret?.Redact(),
        AppId = AppId?.Redact(),
        PrivateKey = PrivateKey?.Redact(),
    };
}
