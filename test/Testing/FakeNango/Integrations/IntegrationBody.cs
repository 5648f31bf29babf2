using System.Collections.Immutable;
using System.Text.Json;

namespace NangoOrleans.FakeNango;

/// <summary>A body of POST, quickstart or PATCH after its schema check; null members were omitted.</summary>
internal sealed record IntegrationBody
{
    public string Provider { get; init; } = "";

    public string? UniqueKey { get; init; }

    public string? DisplayName { get; init; }

    public bool? ForwardWebhooks { get; init; }

    public Credentials? Credentials { get; init; }

    public ImmutableArray<KeyValuePair<string, string>>? IntegrationConfig { get; init; }

    public ImmutableArray<KeyValuePair<string, string>>? Custom { get; init; }

    public static IntegrationBody? ReadCreate(JsonElement? body, List<Issue> issues) => Read(body, issues, ofPatch: false, full: true);

    public static IntegrationBody? ReadQuickstart(JsonElement? body, List<Issue> issues) => Read(body, issues, ofPatch: false, full: false);

    public static IntegrationBody? ReadPatch(JsonElement? body, List<Issue> issues) => Read(body, issues, ofPatch: true, full: true);

    private static IntegrationBody? Read(JsonElement? body, List<Issue> issues, bool ofPatch, bool full)
    {
        if (body is not { ValueKind: JsonValueKind.Object } value)
        {
            issues.Add(Schemas.WrongType("object", body, []));
            return null;
        }
        var reader = new ObjectReader(value, issues);
        var read = new IntegrationBody
        {
            Provider = ofPatch ? "" : reader.Text("provider", required: true, max: 255, Schemas.ProviderPattern()) ?? "",
            UniqueKey = reader.Text("unique_key", required: !ofPatch, max: 255, Schemas.KeyPattern()),
            DisplayName = reader.Text("display_name", required: false, max: 255),
            ForwardWebhooks = reader.Flag("forward_webhooks"),
        };
        if (full)
        {
            read = read with
            {
                Credentials = reader.Take("credentials") is { } credentials ? Credentials.Read(credentials, issues) : null,
                IntegrationConfig = reader.Map("integration_config", maxValue: 8192),
                Custom = reader.Map("custom"),
            };
        }
        reader.RejectOthers();
        return issues.Count == 0 ? read : null;
    }
}
