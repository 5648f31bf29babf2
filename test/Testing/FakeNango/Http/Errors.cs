using System.Text.Json.Nodes;

namespace NangoOrleans.FakeNango;

/// <summary>One schema violation: <c>{code, message, path}</c>.</summary>
internal sealed record Issue(string Code, string Message, params IReadOnlyList<string> Path);

/// <summary>Every error answer of nango-api §6, in its exact shape.</summary>
internal static class Errors
{
    public static Answer InvalidJson(string message) => Plain(400, "invalid_json", message);

    public static Answer InvalidQuery(IEnumerable<Issue> issues) => Schema("invalid_query_params", issues);

    public static Answer InvalidPathKey(Issue issue) => Schema("invalid_uri_params", [issue]);

    public static Answer InvalidBody(IEnumerable<Issue> issues) => Schema("invalid_body", issues);

    public static Answer InvalidBody(string message) => Plain(400, "invalid_body", message);

    // The path says uniqueKey although the field is unique_key: so does Nango.
    public static Answer DuplicateKey() => InvalidBody([new("invalid_string", "Unique key already exists", "uniqueKey")]);

    public static Answer Unauthorized(string code, string message) => WithPayload(401, code, message);

    public static Answer UnknownAccount() =>
        Unauthorized("unknown_account", "Authentication failed. The provided secret key does not match any account.");

    public static Answer MalformedAuthHeader() =>
        Unauthorized("malformed_auth_header", "The Authorization header is malformed.");

    public static Answer Forbidden(string message) => Plain(403, "forbidden", message);

    public static Answer NotFound(string message) => Plain(404, "not_found", message);

    public static Answer ContentType() => Plain(415, "invalid_content_type", "Content-Type header must be application/json");

    public static Answer TooManyRequests(string method, string path) => Of(429, new JsonObject
    {
        ["code"] = "too_many_request",
        ["method"] = method,
        ["path"] = path,
    });

    public static Answer Server(string verb) => Plain(500, "server_error", $"Failed to {verb} integration");

    public static Answer Support() => WithPayload(500, "generic_error_support",
        $"An error occurred. Please contact support with this unique id ({Guid.NewGuid()})");

    public static Answer Unrouted(string method, string path) => Answer.OfHtml(404,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>"
        + System.Net.WebUtility.HtmlEncode($"Cannot {method} {path}") + "</pre>\n</body>\n</html>\n");

    private static Answer Schema(string code, IEnumerable<Issue> issues) => Of(400, new JsonObject
    {
        ["code"] = code,
        ["errors"] = new JsonArray([.. issues.Select(Describe)]),
    });

    private static JsonNode Describe(Issue issue) => new JsonObject
    {
        ["code"] = issue.Code,
        ["message"] = issue.Message,
        ["path"] = new JsonArray([.. issue.Path.Select(part => (JsonNode)part)]),
    };

    private static Answer Plain(int status, string code, string message) =>
        Of(status, new JsonObject { ["code"] = code, ["message"] = message });

    private static Answer WithPayload(int status, string code, string message) =>
        Of(status, new JsonObject { ["message"] = message, ["code"] = code, ["payload"] = new JsonObject() });

    private static Answer Of(int status, JsonObject error) => Answer.OfJson(status, new JsonObject { ["error"] = error });
}
