using System.Globalization;
using System.Text.Json.Nodes;

namespace NangoOrleans.FakeNango;

/// <summary>GET /connections and the deprecated GET /config/{key}, which tells the number of connections too.</summary>
internal static class ConnectionsApi
{
    private const int MaxPageSize = 2000;

    // As in Nango's documentation of the parameter.
    private const int DefaultPageSize = 1000;

    public static Answer List(ApiCall call)
    {
        var issues = call.Query.Unknown(
            "connectionId", "endUserId", "endUserOrganizationId", "integrationId", "limit", "page", "search", "tags").ToList();
        var limit = Number(call.Query, "limit", DefaultPageSize, 1, MaxPageSize, issues);
        var page = Number(call.Query, "page", 0, 0, int.MaxValue, issues);
        if (issues.Count > 0)
            return Errors.InvalidQuery(issues);
        var wanted = call.Query.All("integrationId").SelectMany(list => list.Split(',')).ToHashSet(StringComparer.Ordinal);
        var connections = call.Environment.Connections()
            .Where(pair => wanted.Count == 0 || wanted.Contains(pair.Key.UniqueKey))
            .OrderBy(pair => pair.Key.UniqueKey, StringComparer.Ordinal)
            .SelectMany(pair => Enumerable.Range(1, pair.Value).Select(number => (Integration: pair.Key, Number: number)))
            .Skip((int)Math.Min(int.MaxValue, (long)page * limit)).Take(limit)
            .Select(JsonNode (connection) => new JsonObject
            {
                ["id"] = connection.Number,
                ["connection_id"] = $"{connection.Integration.UniqueKey}-{connection.Number}",
                ["provider"] = connection.Integration.Provider,
                ["provider_config_key"] = connection.Integration.UniqueKey,
                ["created"] = IntegrationJson.Timestamp(connection.Integration.CreatedAt),
                ["metadata"] = null,
                ["errors"] = new JsonArray(),
                ["end_user"] = null,
                ["tags"] = new JsonObject(),
            });
        return Answer.OfJson(200, new JsonObject { ["connections"] = new JsonArray([.. connections]) });
    }

    public static Answer GetConfig(ApiCall call)
    {
        if (call.UnknownQuery("include_creds") is { } refusal)
            return refusal;
        if (call.Environment.Find(call.PathKey) is not { } row)
            return Errors.NotFound($"Integration \"{call.PathKey}\" does not exist");
        var config = new JsonObject { ["unique_key"] = row.UniqueKey, ["provider"] = row.Provider };
        if (call.Query.All("include_creds") is ["true"] && call.Key.Allows("environment:integrations:read_credentials"))
        {
            config["auth_mode"] = ProviderCatalogue.Find(row.Provider)?.AuthMode;
            config["client_id"] = row.ClientId;
            config["client_secret"] = row.ClientSecret;
            config["scopes"] = row.Scopes;
            config["app_link"] = row.AppLink;
            config["custom"] = new JsonObject(row.Custom.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
            config["connection_count"] = call.Environment.ConnectionsOf(row.UniqueKey);
        }
        return Answer.OfJson(200, new JsonObject { ["config"] = config });
    }

    private static int Number(Query query, string name, int standard, int least, int most, List<Issue> issues)
    {
        if (query.All(name) is not [var text, ..])
            return standard;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            issues.Add(new("invalid_type", "Invalid input: expected number, received NaN", name));
        else if (number < least)
            issues.Add(new("too_small", $"Too small: expected number to be >={least}", name));
        else if (number > most)
            issues.Add(new("too_big", $"Too big: expected number to be <={most}", name));
        return number;
    }
}
