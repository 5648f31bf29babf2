using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Http;

/// <summary>One entry of a Status' <c>details.causes</c>.</summary>
internal sealed record FieldError(string Reason, string Field, string Message)
{
    public const string Nowhere = "<nil>";

    public static FieldError Required(string field, string detail = "") =>
        new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : "Required value: " + detail);

    public static FieldError Invalid(string field, string shownValue, string detail) =>
        new("FieldValueInvalid", field, $"Invalid value: {shownValue}: {detail}");

    public static FieldError Forbidden(string field, string detail) =>
        new("FieldValueForbidden", field, "Forbidden: " + detail);
}

/// <summary>A refusal that is answered as a Kubernetes <c>Status</c> object.</summary>
internal sealed class ApiException(int code, string? reason, string message, JsonObject? details = null) : Exception(message)
{
    private const string Modified = "the object has been modified; please apply your changes to the latest version and try again";

    public int Code { get; } = code;

    public string? Reason { get; } = reason;

    /// <summary>Sent as the Retry-After header, in seconds.</summary>
    public int? RetryAfterSeconds { get; init; }

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason is not null)
        {
            status["reason"] = Reason;
        }

        if (details is not null)
        {
            status["details"] = details.DeepClone();
        }

        status["code"] = Code;
        return status;
    }

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedPlural} \"{name}\" not found", Details(type.Group, type.Plural, name));

    public static ApiException AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedPlural} \"{name}\" already exists", Details(type.Group, type.Plural, name));

    public static ApiException Conflict(ResourceType type, string name, string because = Modified) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedPlural} \"{name}\": {because}", Details(type.Group, type.Plural, name));

    public static ApiException Forbidden(ResourceType type, string name, string because, string? cause = null, string? causeMessage = null)
    {
        var details = Details(type.Group, type.Plural, name);
        if (cause is not null)
        {
            details["causes"] = new JsonArray(new JsonObject { ["reason"] = cause, ["message"] = causeMessage ?? because, ["field"] = "metadata.namespace" });
        }

        return new(403, "Forbidden", $"{type.QualifiedPlural} \"{name}\" is forbidden: {because}", details);
    }

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new JsonObject());

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException UnsupportedMediaType(params string[] accepted) =>
        new(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: " + string.Join(", ", accepted));

    public static ApiException Invalid(ResourceType type, string name, IReadOnlyList<FieldError> errors) =>
        Invalid(type.Group, type.Kind, name, errors);

    public static ApiException Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors)
    {
        var lines = errors.Select(e => $"{e.Field}: {e.Message}").Distinct().ToArray();
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        var details = Details(group, kind, name);
        details["causes"] = new JsonArray([.. errors.Select(e => (JsonNode)new JsonObject { ["reason"] = e.Reason, ["message"] = e.Message, ["field"] = e.Field })]);
        var text = lines.Length == 1 ? lines[0] : $"[{string.Join(", ", lines)}]";
        return new(422, "Invalid", $"{qualified} \"{name}\" is invalid: {text}", details);
    }

    public static JsonObject Details(string group, string kind, string name)
    {
        var details = new JsonObject();
        if (name.Length > 0)
        {
            details["name"] = name;
        }

        if (group.Length > 0)
        {
            details["group"] = group;
        }

        details["kind"] = kind;
        return details;
    }
}
