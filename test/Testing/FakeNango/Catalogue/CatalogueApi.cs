using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace NangoOrleans.FakeNango;

/// <summary>The provider endpoints.</summary>
internal sealed class CatalogueApi(Func<string> baseUrl)
{
    public Answer List(ApiCall call)
    {
        if (call.UnknownQuery("search") is { } refusal)
            return refusal;
        var providers = ProviderCatalogue.All.AsEnumerable();
        if (call.Query.All("search") is [var search, ..])
        {
            try
            {
                var pattern = new Regex(search, RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);
                providers = providers.Where(provider => pattern.IsMatch(provider.Name));
            }
            catch (ArgumentException)
            {
                return Errors.Support();
            }
        }
        return Answer.OfJson(200, new JsonObject { ["data"] = new JsonArray([.. providers.Select(Describe)]) });
    }

    public Answer Get(ApiCall call)
    {
        if (call.UnknownQuery() is { } refusal)
            return refusal;
        return ProviderCatalogue.Find(call.PathKey) is { } provider
            ? Answer.OfJson(200, new JsonObject { ["data"] = Describe(provider) })
            : Errors.NotFound($"Unknown provider {call.PathKey}");
    }

    private JsonNode Describe(Provider provider)
    {
        var described = new JsonObject { ["name"] = provider.Name };
        if (provider.AuthMode is null)
            return described;
        described["display_name"] = provider.DisplayName;
        described["auth_mode"] = provider.AuthMode;
        described["logo_url"] = $"{baseUrl()}/images/template-logos/{provider.Name}.svg";
        if (provider.DefaultScopes.Count > 0)
            described["default_scopes"] = new JsonArray([.. provider.DefaultScopes.Select(scope => (JsonNode)scope)]);
        if (provider.RoutesWebhooks)
            described["webhook_routing_script"] = $"{provider.Name.Replace('-', '_')}WebhookRouting";
        if (provider.ClientRegistration is { } registration)
            described["client_registration"] = registration;
        if (provider.ConfigFields.Count > 0)
            described["integration_config"] = new JsonObject(provider.ConfigFields.Select(field => KeyValuePair.Create(field.Name, (JsonNode?)Describe(field))));
        return described;
    }

    private static JsonObject Describe(ConfigField field)
    {
        var described = new JsonObject { ["type"] = "string", ["title"] = field.Title };
        if (field.Optional)
            described["optional"] = true;
        if (field.OneOf.Count > 0)
            described["enum"] = new JsonArray([.. field.OneOf.Select(value => (JsonNode)value)]);
        if (field.DefaultValue is { } value)
            described["default_value"] = value;
        if (field.IsUrl)
            described["format"] = "uri";
        return described;
    }
}
