using System.Globalization;
using System.Text.Json;

namespace NangoOrleans.FakeNango;

/// <summary>Parts of an integration that are shown on request only.</summary>
internal readonly record struct Included(bool Credentials, bool Webhook);

/// <summary>Writes an integration as Nango's public API does.</summary>
internal static class IntegrationJson
{
    /// <summary>One integration. PATCH answers lack the members derived from integration_config: <paramref name="configMembers"/> is false.</summary>
    public static Answer Of(
        StoredIntegration row, Provider provider, NangoEnvironment environment, string baseUrl, Included included = default, bool configMembers = true) =>
        Answer.OfJson(200, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("data");
            WriteMembers(writer, row, provider, baseUrl, configMembers);
            if (included.Webhook)
                writer.WriteString("webhook_url", provider.RoutesWebhooks ? $"{baseUrl}/webhook/{environment.Uuid}/{Uri.EscapeDataString(row.UniqueKey)}" : null);
            if (included.Credentials)
                WriteCredentials(writer, row, provider);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });

    public static Answer OfAll(IEnumerable<(StoredIntegration Row, Provider Provider)> rows, string baseUrl) => Answer.OfJson(200, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("data");
        foreach (var (row, provider) in rows)
        {
            writer.WriteStartObject();
            WriteMembers(writer, row, provider, baseUrl, configMembers: true);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>ISO 8601 with milliseconds, as JavaScript prints dates.</summary>
    public static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteMembers(Utf8JsonWriter writer, StoredIntegration row, Provider provider, string baseUrl, bool configMembers)
    {
        writer.WriteString("unique_key", row.UniqueKey);
        writer.WriteString("provider", row.Provider);
        if ((row.DisplayName ?? provider.DisplayName) is { } displayName)
            writer.WriteString("display_name", displayName);
        writer.WriteString("logo", $"{baseUrl}/images/template-logos/{row.Provider}.svg");
        if (configMembers && provider.ConfigFields.Count > 0 && row.Custom.TryGetValue("keyLabel", out var label))
        {
            writer.WriteStartObject("credentials_label");
            writer.WriteString("apiKey", label);
            writer.WriteEndObject();
        }
        writer.WriteBoolean("forward_webhooks", row.ForwardWebhooks);
        writer.WriteString("created_at", Timestamp(row.CreatedAt));
        writer.WriteString("updated_at", Timestamp(row.UpdatedAt));
    }

    private static void WriteCredentials(Utf8JsonWriter writer, StoredIntegration row, Provider provider)
    {
        if (!provider.HasCredentials)
        {
            writer.WriteNull("credentials");
            return;
        }
        writer.WriteStartObject("credentials");
        writer.WriteString("type", provider.AuthMode);
        if (provider.AuthMode == "APP")
        {
            writer.WriteString("app_id", row.ClientId);
            writer.WriteString("private_key", row.ClientSecret);
            writer.WriteString("app_link", row.AppLink);
        }
        else
        {
            // A shared developer app shows its scopes, never its id and secret.
            writer.WriteString("client_id", row.UsesSharedApp ? "" : row.ClientId);
            writer.WriteString("client_secret", row.UsesSharedApp ? "" : row.ClientSecret);
            WriteTail(writer, row, provider);
        }
        writer.WriteEndObject();
    }

    private static void WriteTail(Utf8JsonWriter writer, StoredIntegration row, Provider provider)
    {
        if (provider.AuthMode == "CUSTOM")
        {
            writer.WriteString("app_id", row.Custom.GetValueOrDefault("app_id"));
            writer.WriteString("app_link", row.AppLink);
            writer.WriteString("private_key", row.Custom.GetValueOrDefault("private_key"));
            return;
        }
        writer.WriteString("scopes", row.Scopes);
        writer.WriteString("webhook_secret", IntegrationRules.WebhookSecretOf(row));
    }
}
