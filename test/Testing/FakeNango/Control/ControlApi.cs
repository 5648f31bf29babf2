using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace NangoOrleans.FakeNango;

/// <summary>Unauthenticated controls for tests and for people at a terminal. They appear in no journal.</summary>
internal sealed class ControlApi(FakeNangoServer server)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    // A reader of the journal wants every member in every entry, null or not.
    private static readonly JsonSerializerOptions JsonWithNulls = new(Json) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/_journal", (RequestDelegate)JournalAsync);
        routes.MapGet("/_journal/summary", http => http.Response.WriteAsJsonAsync(server.Journal.Summary(), JsonWithNulls, http.RequestAborted));
        routes.MapDelete("/_journal", http => Done(http, server.Journal.Clear));
        routes.MapGet("/_faults", http => http.Response.WriteAsJsonAsync(server.Faults.Active, Json, http.RequestAborted));
        routes.MapPut("/_faults", (RequestDelegate)PutFaultsAsync);
        routes.MapDelete("/_faults", http => Done(http, server.Faults.Clear));
        routes.MapPost("/_reset", http => Done(http, server.Reset));
        routes.MapGet("/_integrations", http => http.Response.WriteAsJsonAsync(Redacted(), JsonWithNulls, http.RequestAborted));
        routes.MapPut("/_connections", (RequestDelegate)PutConnectionsAsync);
        routes.MapPut("/_provider", (RequestDelegate)PutProviderAsync);
    }

    /// <summary>Whether a path without an endpoint was meant as a control: a misspelt one must not look like Nango's dashboard.</summary>
    public static bool Claims(HttpContext http) => http.Request.Path.Value?.StartsWith("/_", StringComparison.Ordinal) == true;

    public static Task RefuseAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return http.Response.WriteAsync("no such control\n", http.RequestAborted);
    }

    private Task JournalAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var since = long.TryParse(query["since"], NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : 0;
        var entries = server.Journal.Entries(since, NullIfEmpty(query["method"]), NullIfEmpty(query["path_prefix"]));
        return http.Response.WriteAsJsonAsync(entries, JsonWithNulls, http.RequestAborted);
    }

    private Task PutFaultsAsync(HttpContext http) => ReadAsync<JsonNode>(http, node =>
    {
        // One rule may come without its list.
        var rules = node is JsonArray ? node : new JsonArray(node.DeepClone());
        server.Faults.Set(rules.Deserialize<FaultRule[]>(Json) ?? []);
    });

    private Task PutConnectionsAsync(HttpContext http) => ReadAsync<ConnectionsControl>(http, control =>
        server.State.Environment(control.Environment).SetConnections(control.UniqueKey, control.Count));

    private Task PutProviderAsync(HttpContext http) => ReadAsync<ProviderControl>(http, control =>
    {
        if (!server.State.Environment(control.Environment).Edit(control.UniqueKey, row => row with { Provider = control.Provider }))
            throw new JsonException($"no integration \"{control.UniqueKey}\"");
    });

    private JsonArray Redacted() => new JsonArray([.. server.State.Environments
        .OrderBy(environment => environment.Name, StringComparer.Ordinal)
        .SelectMany(environment => environment.All().Select(JsonNode (row) => new JsonObject
        {
            ["environment"] = environment.Name,
            ["unique_key"] = row.UniqueKey,
            ["provider"] = row.Provider,
            ["display_name"] = row.DisplayName,
            ["forward_webhooks"] = row.ForwardWebhooks,
            ["created_at"] = IntegrationJson.Timestamp(row.CreatedAt),
            ["updated_at"] = IntegrationJson.Timestamp(row.UpdatedAt),
            ["scopes"] = row.Scopes,
            ["has_client_id"] = row.ClientId is not null,
            ["has_client_secret"] = row.ClientSecret is not null,
            ["custom_fields"] = new JsonArray([.. row.Custom.Keys.Select(name => (JsonNode)name)]),
            ["connections"] = environment.ConnectionsOf(row.UniqueKey),
        }))]);

    private static Task Done(HttpContext http, Action act)
    {
        act();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static async Task ReadAsync<T>(HttpContext http, Action<T> act)
    {
        try
        {
            var value = await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Json, http.RequestAborted);
            act(value ?? throw new JsonException("a body is required"));
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await http.Response.WriteAsync(e.Message + "\n", http.RequestAborted);
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private sealed record ConnectionsControl
    {
        public required string UniqueKey { get; init; }

        public required int Count { get; init; }

        public string? Environment { get; init; }
    }

    private sealed record ProviderControl
    {
        public required string UniqueKey { get; init; }

        public required string Provider { get; init; }

        public string? Environment { get; init; }
    }
}
