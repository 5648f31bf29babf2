using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Http;

/// <summary>Reads request bodies.</summary>
internal static class RequestBody
{
    public static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        return buffer.ToArray();
    }

    public static string MediaType(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim();

    /// <summary>Reads an object of the requested kind. Built-in ones may leave kind and apiVersion out, custom ones may not.</summary>
    /// <exception cref="ApiException">Wrong media type, not JSON or YAML, or no kind.</exception>
    public static async Task<(JsonObject Content, List<string> Duplicates)> ReadObjectAsync(ApiRequest request)
    {
        var mediaType = MediaType(request.Http.Request);
        if (mediaType is not ("" or "application/json" or "application/yaml" or ProtobufTree.MediaType))
        {
            throw ApiException.UnsupportedMediaType("application/json", "application/yaml", ProtobufTree.MediaType);
        }

        var body = await ReadAsync(request.Http.Request);
        var duplicates = new List<string>();
        var kind = request.Type.Kind;
        try
        {
            if (mediaType == ProtobufTree.MediaType)
            {
                return (ProtobufTree.Parse(body), duplicates);
            }

            if (YamlTree.Parse(body, duplicates) is not JsonObject content || (request.Type.IsCustom && string.IsNullOrEmpty(content.Text("kind"))))
            {
                throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind}): Object 'Kind' is missing in '{Excerpt(body)}'");
            }

            return (content, duplicates);
        }
        catch (JsonException problem)
        {
            throw ApiException.BadRequest($"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {problem.Message}");
        }
    }

    /// <summary>Reads delete options; an empty body means none.</summary>
    public static async Task<JsonObject> ReadOptionsAsync(HttpRequest request)
    {
        var body = await ReadAsync(request);
        try
        {
            return body.Length == 0 ? [] : YamlTree.Parse(body) as JsonObject ?? [];
        }
        catch (JsonException problem)
        {
            throw ApiException.BadRequest("couldn't get version/kind; json parse error: " + problem.Message);
        }
    }

    private static string Excerpt(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 100)));
}
