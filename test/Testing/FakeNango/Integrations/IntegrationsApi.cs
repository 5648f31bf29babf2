using System.Text.Json.Nodes;

namespace NangoOrleans.FakeNango;

/// <summary>The integration endpoints. Checks run in Nango's order: query, body, path key, existence, business rules.</summary>
internal sealed class IntegrationsApi(NangoState state, FakeNangoOptions options, Func<string> baseUrl)
{
    // Long enough for concurrent requests on a loaded machine to pass the existence check together.
    private static readonly TimeSpan RaceWindow = TimeSpan.FromMilliseconds(500);

    public static readonly IReadOnlyList<string> Includable = ["webhook", "credentials"];

    public Answer List(ApiCall call)
    {
        if (call.UnknownQuery() is { } refusal)
            return refusal;
        var rows = new List<(StoredIntegration, Provider)>();
        foreach (var row in call.Environment.All())
        {
            // One row whose provider left the catalogue breaks the whole list.
            if (ProviderCatalogue.Find(row.Provider) is not { } provider)
                return Errors.Server("list");
            rows.Add((row, provider));
        }
        return IntegrationJson.OfAll(rows, baseUrl());
    }

    public Answer Get(ApiCall call)
    {
        var unknown = call.Query.Unknown("include").ToList();
        var wanted = call.Query.All("include");
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!Includable.Contains(wanted[i]))
                unknown.Add(new("invalid_value", "Invalid option: expected one of \"webhook\"|\"credentials\"", "include", $"{i}"));
        }
        if (unknown.Count > 0)
            return Errors.InvalidQuery(unknown);
        if (call.BadPathKey("uniqueKey") is { } refusal)
            return refusal;
        if (call.Environment.Find(call.PathKey) is not { } row)
            return Errors.NotFound($"Integration \"{call.PathKey}\" does not exist");
        if (ProviderCatalogue.Find(row.Provider) is not { } provider)
            return Errors.NotFound($"Unknown provider {row.Provider}");
        // Without the scope the member is silently absent: no 403, no null.
        var mayRead = call.Key.Allows("environment:integrations:read_credentials");
        return IntegrationJson.Of(row, provider, call.Environment, baseUrl(), new(mayRead && wanted.Contains("credentials"), wanted.Contains("webhook")));
    }

    public async ValueTask<Answer> CreateAsync(ApiCall call)
    {
        if (call.UnknownQuery() is { } refusal)
            return refusal;
        var issues = new List<Issue>();
        if (IntegrationBody.ReadCreate(call.Request.Body, issues) is not { } body)
            return Errors.InvalidBody(issues);
        if (ProviderCatalogue.Find(body.Provider) is not { } provider)
            return UnknownProvider();
        if (IntegrationRules.CheckCredentials(provider, body.Credentials, required: true) is { } unsuitable)
            return unsuitable;
        if (call.Environment.Find(body.UniqueKey!) is not null)
            return Errors.DuplicateKey();
        var (row, error) = IntegrationRules.Create(provider, body, options.TimeProvider.GetUtcNow());
        if (error is not null)
            return Errors.InvalidBody(error);
        if (IntegrationRules.IsUnstorable(row))
            return Errors.Server("create");
        if (options.DuplicateCreatesRace)
            await Task.Delay(RaceWindow, TimeProvider.System);
        if (!call.Environment.TryAdd(row))
            return options.DuplicateCreatesRace ? Errors.Server("create") : Errors.DuplicateKey();
        return IntegrationJson.Of(row, provider, call.Environment, baseUrl());
    }

    public Answer Quickstart(ApiCall call)
    {
        if (call.UnknownQuery() is { } refusal)
            return refusal;
        var issues = new List<Issue>();
        if (IntegrationBody.ReadQuickstart(call.Request.Body, issues) is not { } body)
            return Errors.InvalidBody(issues);
        if (ProviderCatalogue.Find(body.Provider) is not { } provider)
            return UnknownProvider();
        if (!provider.RequiresCredentials)
            return Errors.InvalidBody("Quickstart is only available for providers that require a developer app");
        if (state.SharedAppScopes(provider.Name) is not { } scopes)
            return Errors.InvalidBody("No Nango-provided developer app is configured for this provider");
        var (row, _) = IntegrationRules.Create(provider, body, options.TimeProvider.GetUtcNow());
        if (IntegrationRules.IsUnstorable(row))
            return Errors.Server("create");
        row = row with { UsesSharedApp = true, Scopes = scopes };
        return call.Environment.TryAdd(row) ? IntegrationJson.Of(row, provider, call.Environment, baseUrl()) : Errors.DuplicateKey();
    }

    public Answer Patch(ApiCall call)
    {
        if (call.UnknownQuery() is { } refusal)
            return refusal;
        var issues = new List<Issue>();
        if (IntegrationBody.ReadPatch(call.Request.Body, issues) is not { } body)
            return Errors.InvalidBody(issues);
        if (call.BadPathKey("uniqueKey") is { } badKey)
            return badKey;
        return call.Environment.Update(call.PathKey, row => Decide(call, body, row));
    }

    public static Answer Delete(ApiCall call)
    {
        if (call.UnknownQuery() is { } refusal)
            return refusal;
        if (call.BadPathKey("uniqueKey") is { } badKey)
            return badKey;
        // No guard for connections: they go with the integration.
        return call.Environment.Remove(call.PathKey)
            ? Answer.OfJson(200, new JsonObject { ["success"] = true })
            : Errors.NotFound("Integration does not exist");
    }

    private Updated Decide(ApiCall call, IntegrationBody body, StoredIntegration? current)
    {
        if (current is null)
            return new(null, Errors.NotFound($"Integration \"{call.PathKey}\" does not exist"));
        if (ProviderCatalogue.Find(current.Provider) is not { } provider)
            return new(null, Errors.NotFound($"Unknown provider {current.Provider}"));
        if (body.UniqueKey is { } renamed && renamed != current.UniqueKey)
        {
            if (call.Environment.ConnectionsOf(current.UniqueKey) > 0)
                return new(null, Errors.InvalidBody("Can't rename an integration with active connections"));
            if (call.Environment.Find(renamed) is not null)
                return new(null, Errors.InvalidBody("uniqueKey is already used by another integration"));
        }
        if (IntegrationRules.CheckCredentials(provider, body.Credentials, required: false) is { } unsuitable)
            return new(null, unsuitable);
        var (row, error) = IntegrationRules.Patch(current, provider, body, options.TimeProvider.GetUtcNow());
        if (error is not null)
            return new(null, Errors.InvalidBody(error));
        if (IntegrationRules.IsUnstorable(row))
            return new(null, Errors.Server("update"));
        return new(row, IntegrationJson.Of(row, provider, call.Environment, baseUrl(), configMembers: false));
    }

    private static Answer UnknownProvider() => Errors.InvalidBody([new("invalid_string", "Invalid provider", "provider")]);
}
