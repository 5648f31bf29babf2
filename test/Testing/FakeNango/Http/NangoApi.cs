using System.Globalization;
using System.Text.Json.Nodes;

namespace NangoOrleans.FakeNango;

/// <summary>The front door: JSON and size, content type, 401, 429, 403, then the handler (nango-api §1).</summary>
internal sealed class NangoApi(NangoState state, RateLimiter limiter, IntegrationsApi integrations, CatalogueApi catalogue)
{
    private const string Dashboard = "<!doctype html>\n<html><head><title>Nango</title></head><body><div id=\"root\"></div></body></html>\n";

    public async ValueTask<Answer> HandleAsync(ApiRequest request)
    {
        if (request.BodyTooLarge || request.Route.BadEscape)
            return Errors.Support();
        if (request.JsonFault is { } fault)
            return Errors.InvalidJson(fault);
        if (request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == false)
            return Errors.ContentType();
        switch (request.Route.Operation)
        {
            case Operation.Health or Operation.Ready:
                return Answer.OfJson(200, new JsonObject { ["result"] = "ok" });
            // A full image serves the dashboard's single page on every unknown path.
            case Operation.None:
                return request.Method is "GET" or "HEAD" ? Answer.OfHtml(200, Dashboard) : Errors.Unrouted(request.Method, request.Path);
        }
        var caller = Authenticator.Authenticate(request.Authorization, state);
        return caller.Key is { } key ? await MeterAsync(request, key) : caller.Refusal!;
    }

    private async ValueTask<Answer> MeterAsync(ApiRequest request, ApiKey key)
    {
        if (limiter.Take() is not { } decision)
            return await AuthorizeAsync(request, key);
        var answer = decision.Allowed
            ? await AuthorizeAsync(request, key)
            : Errors.TooManyRequests(request.Method, request.Path).With("Retry-After", Text(decision.RetryAfterSeconds));
        return answer
            .With("X-RateLimit-Limit", Text(decision.Limit))
            .With("X-RateLimit-Remaining", Text(decision.Remaining))
            .With("X-RateLimit-Reset", Text(decision.ResetEpochSeconds));
    }

    private async ValueTask<Answer> AuthorizeAsync(ApiRequest request, ApiKey key)
    {
        var needed = ScopesFor(request.Route.Operation);
        if (needed.Length > 0 && !needed.Any(key.Allows))
            return Errors.Forbidden($"Insufficient scope. Required{(needed.Length > 1 ? " one of" : "")}: {string.Join(", ", needed)}");
        if (key.Environment.Length == 0)
            return Errors.Forbidden("API key is not authorized for an environment");
        var call = new ApiCall(request, key, state.Environment(key.Environment));
        return request.Route.Operation switch
        {
            Operation.ListIntegrations => integrations.List(call),
            Operation.CreateIntegration => await integrations.CreateAsync(call),
            Operation.Quickstart => integrations.Quickstart(call),
            Operation.GetIntegration => integrations.Get(call),
            Operation.PatchIntegration => integrations.Patch(call),
            Operation.DeleteIntegration => IntegrationsApi.Delete(call),
            Operation.ListProviders => catalogue.List(call),
            Operation.GetProvider => catalogue.Get(call),
            Operation.ListConnections => ConnectionsApi.List(call),
            _ => ConnectionsApi.GetConfig(call),
        };
    }

    private static string[] ScopesFor(Operation operation) => operation switch
    {
        Operation.ListIntegrations => ["environment:integrations:list", "environment:integrations:list_credentials"],
        Operation.GetIntegration or Operation.GetConfig => ["environment:integrations:read", "environment:integrations:read_credentials"],
        Operation.CreateIntegration or Operation.Quickstart => ["environment:integrations:create"],
        Operation.PatchIntegration => ["environment:integrations:update"],
        Operation.DeleteIntegration => ["environment:integrations:delete"],
        Operation.ListConnections => ["environment:connections:list", "environment:connections:list_credentials"],
        _ => [],
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
