using System.Text.Json;

namespace NangoOrleans.Kubernetes;

/// <summary>What a refusal of the API server means; the rest of the code switches on this and on nothing else.</summary>
public enum KubernetesErrorKind
{
    /// <summary>404: the object does not exist, or (see <see cref="KubernetesError.IsObjectMissing"/>) its type is not served.</summary>
    NotFound,

    /// <summary>409: the object moved on, or a precondition does not hold.</summary>
    Conflict,

    /// <summary>409 with reason <c>AlreadyExists</c>: an object of that name is there.</summary>
    AlreadyExists,

    /// <summary>410, or reason <c>Expired</c> or <c>Gone</c>: a resourceVersion or continue token is too old, list again.</summary>
    Expired,

    /// <summary>The server has not yet reached the resourceVersion asked for (it was restored, or lags behind).</summary>
    TooLargeResourceVersion,

    /// <summary>429: wait, then ask again.</summary>
    TooManyRequests,

    /// <summary>422: the object breaks the schema or a rule.</summary>
    Invalid,

    /// <summary>403: the role lacks the permission, or an admission rule refused.</summary>
    Forbidden,

    /// <summary>401: the credential is unknown or has run out.</summary>
    Unauthorized,

    /// <summary>Network, timeout or 5xx: may pass by itself.</summary>
    Transient,

    /// <summary>Any other 4xx: the request itself is wrong for this server.</summary>
    Refused,
}

/// <summary>A refusal of the API server as a value. It never holds the server's message, which may quote what was sent.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="StatusCode">HTTP status, or the code of an ERROR event; null when no answer came.</param>
/// <param name="Reason">Reason word of the <c>Status</c> object; empty when there was none.</param>
public sealed record KubernetesError(KubernetesErrorKind Kind, int? StatusCode, string Reason)
{
    /// <summary>How long the server asked to wait, if it did.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Paths of the fields that were refused (422), without their values.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>True when the write was refused because its namespace is being deleted.</summary>
    public bool IsNamespaceTerminating { get; init; }

    /// <summary>
    /// True only when the server says that this very object does not exist. A server that has just started answers 404
    /// without a reason for every custom resource: taking that for a deletion would be a costly mistake.
    /// </summary>
    public bool IsObjectMissing => Kind == KubernetesErrorKind.NotFound && string.Equals(Reason, "NotFound", StringComparison.Ordinal);

    /// <summary>Works out what a status code and the <c>Status</c> body behind it mean.</summary>
    /// <param name="statusCode">HTTP status; for an ERROR event the code of the <c>Status</c> object.</param>
    /// <param name="body">UTF-8 JSON of a <c>Status</c> object, or anything else, or nothing.</param>
    /// <param name="retryAfter">Value of the Retry-After header.</param>
    public static KubernetesError Classify(int statusCode, ReadOnlySpan<byte> body, TimeSpan? retryAfter = null)
    {
        var status = StatusBody.Read(body);
        var code = statusCode != 0 ? statusCode : status.Code ?? 0;
        var reason = status.Reason ?? "";
        return new(Classify(code, reason, status.Causes, status.Fields), code == 0 ? null : code, reason)
        {
            RetryAfter = retryAfter ?? (status.RetryAfterSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null),
            Fields = status.Fields,
            IsNamespaceTerminating = status.Causes.Contains("NamespaceTerminating", StringComparer.Ordinal),
        };
    }

    private static KubernetesErrorKind Classify(int code, string reason, IReadOnlyList<string> causes, IReadOnlyList<string> fields) => (code, reason) switch
    {
        (_, "Expired" or "Gone") or (410, _) => KubernetesErrorKind.Expired,
        (_, "AlreadyExists") => KubernetesErrorKind.AlreadyExists,
        (500, "") when fields.Count > 0 => KubernetesErrorKind.Invalid,
        _ when causes.Contains("ResourceVersionTooLarge", StringComparer.Ordinal) => KubernetesErrorKind.TooLargeResourceVersion,
        (409, _) => KubernetesErrorKind.Conflict,
        (404, _) => KubernetesErrorKind.NotFound,
        (429, _) => KubernetesErrorKind.TooManyRequests,
        (422, _) => KubernetesErrorKind.Invalid,
        (403, _) => KubernetesErrorKind.Forbidden,
        (401, _) => KubernetesErrorKind.Unauthorized,
        (408, _) or (0, _) or ( >= 500, _) => KubernetesErrorKind.Transient,
        _ => KubernetesErrorKind.Refused,
    };

    private readonly record struct StatusBody(int? Code, string? Reason, int? RetryAfterSeconds, IReadOnlyList<string> Causes, IReadOnlyList<string> Fields)
    {
        public static StatusBody Read(ReadOnlySpan<byte> body)
        {
            var reader = new Utf8JsonReader(body);
            try
            {
                return JsonElement.TryParseValue(ref reader, out var element) && element is { ValueKind: JsonValueKind.Object } status
                    ? From(status)
                    : new(null, null, null, [], []);
            }
            catch (JsonException)
            {
                return new(null, null, null, [], []);
            }
        }

        private static StatusBody From(JsonElement status)
        {
            List<string> causes = [], fields = [];
            int? retryAfter = null;
            if (status.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object)
            {
                retryAfter = Number(details, "retryAfterSeconds");
                if (details.TryGetProperty("causes", out var list) && list.ValueKind == JsonValueKind.Array)
                {
                    foreach (var cause in list.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object))
                    {
                        if (Text(cause, "reason") is { Length: > 0 } reason) causes.Add(reason);
                        if (Text(cause, "field") is { Length: > 0 } field) fields.Add(field);
                    }
                }
            }

            if (RefusedByApply(Text(status, "message")) is { } refused) fields.Add(refused);
            return new(Number(status, "code"), Text(status, "reason"), retryAfter, causes, fields);
        }

        /// <summary>
        /// Server-side apply answers a body that does not fit the schema with a bare 500, as if the server were broken.
        /// Its message is the only sign: "failed to create typed patch object (ns/name; …): .status.attempts: expected …".
        /// </summary>
        private static string? RefusedByApply(string? message)
        {
            if (message?.StartsWith("failed to create typed patch object", StringComparison.Ordinal) != true) return null;
            var start = message.IndexOf("): .", StringComparison.Ordinal);
            var end = start < 0 ? -1 : message.IndexOf(':', start + 3);
            return end < 0 ? "the object" : message[(start + 4)..end];
        }

        private static string? Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        private static int? Number(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
    }
}

/// <summary>Carries a <see cref="KubernetesError"/>. Its message names the request and the status, never a body.</summary>
public sealed class KubernetesRequestException : Exception
{
    /// <summary>Wraps an error.</summary>
    /// <param name="error">What the API server said.</param>
    /// <param name="request">Verb and resource, for instance <c>PATCH nangointegrations/status</c>.</param>
    /// <param name="inner">The cause, when no answer came.</param>
    public KubernetesRequestException(KubernetesError error, string request, Exception? inner = null)
        : base(Describe(error, request, inner), inner) => Error = error;

    /// <summary>What the API server said.</summary>
    public KubernetesError Error { get; }

    private static string Describe(KubernetesError error, string request, Exception? inner) => (error.StatusCode, inner) switch
    {
        (null, TimeoutException) => $"The Kubernetes API did not answer {request} in time.",
        (null, null) => $"The Kubernetes API did not answer {request} as expected.",
        (null, _) => $"The Kubernetes API could not be reached for {request}.",
        var (code, _) => $"The Kubernetes API answered {request} with {code} {error.Reason}".TrimEnd() + ".",
    };
}
