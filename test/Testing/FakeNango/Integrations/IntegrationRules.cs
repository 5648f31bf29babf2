namespace NangoOrleans.FakeNango;

/// <summary>Business rules of POST and PATCH over one row: pure, no clock, no store (nango-api §2 to §5).</summary>
internal static class IntegrationRules
{
    private const int ColumnLength = 255;
    private const string WebhookSecret = "webhookSecret";

    /// <summary>The 400 for credentials that do not suit the provider; null when they do.</summary>
    public static Answer? CheckCredentials(Provider provider, Credentials? credentials, bool required)
    {
        if (credentials is null)
            return required && provider.RequiresCredentials ? Errors.InvalidBody("Missing credentials") : null;
        return credentials.Type == provider.AuthMode
            ? null
            : Errors.InvalidBody("incompatible credentials auth type and provider auth");
    }

    /// <summary>The row a POST makes; the error is the message of a 400.</summary>
    public static (StoredIntegration Row, string? Error) Create(Provider provider, IntegrationBody body, DateTimeOffset now)
    {
        var row = new StoredIntegration
        {
            UniqueKey = body.UniqueKey!,
            Provider = provider.Name,
            DisplayName = body.DisplayName,
            ForwardWebhooks = body.ForwardWebhooks ?? true,
            CreatedAt = now,
            UpdatedAt = now,
            Scopes = provider.DefaultScopes.Count > 0 ? string.Join(',', provider.DefaultScopes) : null,
        };
        if (body.Credentials is { } credentials)
            row = Apply(row, credentials with { Scopes = EmptyToNull(credentials.Scopes), WebhookSecret = EmptyToNull(credentials.WebhookSecret) });
        return MergeMaps(row, provider, body, ofPatch: false);
    }

    /// <summary>The row a PATCH leaves; <c>updated_at</c> moves even when nothing else does.</summary>
    public static (StoredIntegration Row, string? Error) Patch(
        StoredIntegration row, Provider provider, IntegrationBody body, DateTimeOffset now)
    {
        row = row with
        {
            UniqueKey = body.UniqueKey ?? row.UniqueKey,
            DisplayName = body.DisplayName ?? row.DisplayName,
            ForwardWebhooks = body.ForwardWebhooks ?? row.ForwardWebhooks,
            UpdatedAt = now,
        };
        // Nango answers 200 and keeps the shared app's credentials in force.
        if (body.Credentials is { } credentials && !row.UsesSharedApp)
            row = Apply(row, credentials);
        return MergeMaps(row, provider, body, ofPatch: true);
    }

    /// <summary>What passes every schema and yet cannot be stored in Nango's tables: NUL, or a link longer than its column.</summary>
    public static bool IsUnstorable(StoredIntegration row) =>
        row.ClientId?.Contains('\0', StringComparison.Ordinal) == true
        || row.DisplayName?.Contains('\0', StringComparison.Ordinal) == true
        || row.AppLink?.Length > ColumnLength;

    public static string? WebhookSecretOf(StoredIntegration row) => EmptyToNull(row.Custom.GetValueOrDefault(WebhookSecret));

    private static StoredIntegration Apply(StoredIntegration row, Credentials given) => given.Type switch
    {
        "APP" => row with { ClientId = given.AppId, ClientSecret = given.PrivateKey, AppLink = given.AppLink },
        "CUSTOM" => row with
        {
            ClientId = given.ClientId,
            ClientSecret = given.ClientSecret,
            AppLink = given.AppLink,
            Custom = row.Custom.SetItem("app_id", given.AppId!).SetItem("private_key", given.PrivateKey!),
        },
        _ => row with
        {
            ClientId = given.ClientId,
            ClientSecret = given.ClientSecret,
            Scopes = given.Scopes is null ? row.Scopes : EmptyToNull(given.Scopes),
            Custom = given switch
            {
                { WebhookSecret.Length: > 0 } => row.Custom.SetItem(WebhookSecret, given.WebhookSecret),
                // Only OAUTH2 clears it: TBA and OAUTH1 keep the old value.
                { WebhookSecret: "", Type: "OAUTH2" } => row.Custom.Remove(WebhookSecret),
                _ => row.Custom,
            },
        },
    };

    // Last, because custom overrides what the credentials wrote into the same map.
    private static (StoredIntegration Row, string? Error) MergeMaps(
        StoredIntegration row, Provider provider, IntegrationBody body, bool ofPatch)
    {
        var custom = row.Custom;
        var error = IntegrationConfig.Merge(provider, body, ofPatch, ref custom);
        return (row with { Custom = custom }, error);
    }

    private static string? EmptyToNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
