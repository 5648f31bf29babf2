using System.Text.Json;
using System.Text.Json.Serialization;

namespace NangoOrleans.Nango;

/// <summary>An integration as it stands in an answer; unlike <see cref="RemoteIntegration"/> it knows which members were there.</summary>
internal sealed class IntegrationData
{
    [JsonPropertyName("unique_key")] public string? UniqueKey { get; init; }

    [JsonPropertyName("provider")] public string? Provider { get; init; }

    [JsonPropertyName("display_name")] public string? DisplayName { get; init; }

    [JsonPropertyName("forward_webhooks")] public bool? ForwardWebhooks { get; init; }

    [JsonPropertyName("created_at")] public string? CreatedAt { get; init; }

    [JsonPropertyName("updated_at")] public string? UpdatedAt { get; init; }

    [JsonPropertyName("webhook_url")] public string? WebhookUrl { get; init; }

    [JsonPropertyName("credentials")]
    public RemoteCredentials? Credentials
    {
        get;
        set
        {
            field = value;
            HasCredentials = true;
        }
    }

    /// <summary>True when the member was there, be it null.</summary>
    [JsonIgnore] public bool HasCredentials { get; private set; }

    [JsonIgnore] public bool IsComplete => !string.IsNullOrEmpty(UniqueKey) && !string.IsNullOrEmpty(CreatedAt);

    public RemoteIntegration ToRemote(bool credentialsWanted) => new()
    {
        UniqueKey = UniqueKey ?? "",
        Provider = Provider ?? "",
        DisplayName = DisplayName ?? "",
        ForwardWebhooks = ForwardWebhooks,
        CreatedAt = CreatedAt ?? "",
        UpdatedAt = UpdatedAt ?? "",
        WebhookUrl = WebhookUrl,
        Credentials = Credentials,
        CredentialsReadable = credentialsWanted && HasCredentials,
    };
}

internal sealed record IntegrationAnswer([property: JsonPropertyName("data")] IntegrationData? Data);

internal sealed record IntegrationListAnswer([property: JsonPropertyName("data")] List<IntegrationData?>? Data);

internal sealed record DeletionAnswer([property: JsonPropertyName("success")] bool? Success);

internal sealed record ConnectionListAnswer([property: JsonPropertyName("connections")] List<ConnectionData?>? Connections);

/// <summary>A connection is only counted: nothing of it is kept.</summary>
internal sealed record ConnectionData;

internal sealed record ProviderAnswer([property: JsonPropertyName("data")] NangoProvider? Data);

internal sealed record ProviderListAnswer([property: JsonPropertyName("data")] List<ProviderName?>? Data);

internal sealed record ProviderName([property: JsonPropertyName("name")] string? Name);

/// <summary><c>{"error":{…}}</c>. The texts in it are matched against known ones and never shown.</summary>
internal sealed record ErrorAnswer([property: JsonPropertyName("error")] ErrorData? Error);

internal sealed record ErrorData(
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("message")] string? Message,
    [property: JsonPropertyName("errors")] List<ErrorItem?>? Errors);

internal sealed record ErrorItem(
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("message")] string? Message,
    [property: JsonPropertyName("path")] List<JsonElement>? Path);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateIntegration))]
[JsonSerializable(typeof(UpdateIntegration))]
[JsonSerializable(typeof(IntegrationAnswer))]
[JsonSerializable(typeof(IntegrationListAnswer))]
[JsonSerializable(typeof(DeletionAnswer))]
[JsonSerializable(typeof(ConnectionListAnswer))]
[JsonSerializable(typeof(ProviderAnswer))]
[JsonSerializable(typeof(ProviderListAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class NangoJson : JsonSerializerContext;
