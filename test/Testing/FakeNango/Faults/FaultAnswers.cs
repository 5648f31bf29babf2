using System.Text.Json.Nodes;

namespace NangoOrleans.FakeNango;

/// <summary>The answers that faults give.</summary>
internal static class FaultAnswers
{
    // Larger than any sane client limit for an error or a single integration, small enough for a test.
    private const int HugeLength = 32 * 1024 * 1024;
    private const string Html = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

    public static Answer Of(FaultRule rule, ApiRequest request)
    {
        var answer = rule.Kind == FaultKind.Body ? Unusable(rule) : WithStatus(rule.Status!.Value, rule.Body, request);
        foreach (var (name, value) in rule.Headers ?? new Dictionary<string, string>(StringComparer.Ordinal))
            answer.With(name, value);
        return answer;
    }

    public static JsonNode Node(Answer answer) => JsonNode.Parse(answer.Body.Span)!;

    private static Answer Unusable(FaultRule rule)
    {
        var status = rule.Status ?? 200;
        return Literal(rule.Body) switch
        {
            null or "malformed" => Answer.OfText(status, "application/json; charset=utf-8", "{\"data\":{\"unique_key\":\"trunc"),
            "huge" => Answer.OfText(status, "application/json; charset=utf-8", $"{{\"data\":{{\"unique_key\":\"{new string('x', HugeLength)}\"}}}}"),
            "html" => Answer.OfHtml(status, Html),
            "empty" => new(status, null, default),
            { } text => Answer.OfText(status, "application/json; charset=utf-8", text),
        };
    }

    private static Answer WithStatus(int status, JsonNode? body, ApiRequest request)
    {
        if (Literal(body) is { } text)
            return Answer.OfText(status, "text/plain; charset=utf-8", text);
        if (body is not null)
            return Answer.OfJson(status, body);
        var usual = status switch
        {
            401 => Errors.UnknownAccount(),
            403 => Errors.Forbidden("Insufficient scope."),
            404 => Errors.NotFound("Integration does not exist"),
            415 => Errors.ContentType(),
            429 => Errors.TooManyRequests(request.Method, request.Path),
            500 => Errors.Server(VerbOf(request.Route.Operation)),
            _ => Errors.Support(),
        };
        return new(status, usual.ContentType, usual.Body);
    }

    private static string? Literal(JsonNode? body) =>
        body is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string VerbOf(Operation operation) => operation switch
    {
        Operation.CreateIntegration or Operation.Quickstart => "create",
        Operation.PatchIntegration => "update",
        Operation.DeleteIntegration => "delete",
        Operation.ListIntegrations => "list",
        _ => "get",
    };
}
