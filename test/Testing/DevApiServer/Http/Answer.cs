using System.Globalization;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Tables;

namespace NangoOrleans.Testing.ApiServer.Http;

/// <summary>Writes answers.</summary>
internal static class Answer
{
    public const string Json = "application/json";

    public static async Task WriteAsync(HttpContext http, int code, byte[] body, string contentType = Json)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-cache, private";
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    public static Task WriteAsync(HttpContext http, int code, JsonNode body, string contentType = Json) =>
        WriteAsync(http, code, JsonTree.Serialize(body), contentType);

    public static Task WriteTextAsync(HttpContext http, int code, string text)
    {
        return WriteAsync(http, code, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");
    }

    public static Task WriteErrorAsync(HttpContext http, ApiException problem)
    {
        if (problem.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(http, problem.Code, problem.ToStatus());
    }

    /// <summary>Writes one object in the form the client asked for.</summary>
    public static Task WriteObjectAsync(ApiRequest request, int code, StoredObject item, DateTimeOffset now)
    {
        var shown = Representation.Of(request.Http.Request);
        return shown.Form switch
        {
            Form.Table => WriteAsync(request.Http, code, TableWriter.Table(
                request.Type, [item.Content], new JsonObject { ["resourceVersion"] = item.Content.ResourceVersion() }, shown.RowObject, now)),
            Form.PartialMetadata => WriteAsync(request.Http, code, TableWriter.PartialMetadata(item.Content)),
            _ => WriteAsync(request.Http, code, shown.Indented ? JsonTree.Serialize(item.Content, indented: true) : item.Json),
        };
    }
}
