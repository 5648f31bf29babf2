using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace NangoOrleans.FakeNango;

/// <summary>Reads a request the way Nango's body parser does.</summary>
internal static class RequestReader
{
    private const int MaxDepth = 1000;

    public static async Task<ApiRequest> ReadAsync(HttpContext http, long bodyLimit)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? target : target[..mark];
        var headers = http.Request.Headers;
        byte[]? body = [];
        string? fault = null;
        try
        {
            body = await ReadBodyAsync(http.Request, bodyLimit, http.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            fault = e.Message;
        }
        var request = new ApiRequest
        {
            Method = http.Request.Method,
            Path = path,
            QueryString = mark < 0 ? "" : target[(mark + 1)..],
            Route = Route.Of(http.Request.Method, path),
            Authorization = headers.Authorization.ToString(),
            ContentType = headers.ContentType.Count == 0 ? null : headers.ContentType.ToString(),
            IfNoneMatch = headers.IfNoneMatch.Count == 0 ? null : headers.IfNoneMatch.ToString(),
            BodyTooLarge = body is null,
            RawBody = body ?? default(ReadOnlyMemory<byte>),
            JsonFault = fault,
        };
        return body is null || fault is not null ? request : Parse(request);
    }

    private static ApiRequest Parse(ApiRequest request)
    {
        var mediaType = request.ContentType?.Split(';')[0].Trim();
        if (!string.Equals(mediaType, "application/json", StringComparison.OrdinalIgnoreCase))
            return request;
        if (request.RawBody.IsEmpty)
            return request with { Body = JsonElement.Parse("{}") };
        try
        {
            using var document = JsonDocument.Parse(request.RawBody, new() { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                ? request with { Body = document.RootElement.Clone() }
                : request with { JsonFault = "Unexpected token, the body must be an object or an array" };
        }
        catch (JsonException e)
        {
            return request with { JsonFault = $"Unexpected token in JSON at line {e.LineNumber}, byte {e.BytePositionInLine}" };
        }
    }

    /// <summary>Null when the body is over the limit; the rest is read nevertheless, so that the client gets to see the answer.</summary>
    private static async Task<byte[]?> ReadBodyAsync(HttpRequest request, long limit, CancellationToken cancellation)
    {
        if (request.ContentLength == 0 || request.ContentLength is null && request.Headers.TransferEncoding.Count == 0)
            return [];
        await using var source = Inflate(request);
        using var copy = new MemoryStream();
        var buffer = new byte[16 * 1024];
        long total = 0;
        for (int read; (read = await source.ReadAsync(buffer, cancellation)) > 0;)
        {
            total += read;
            if (total <= limit)
                copy.Write(buffer, 0, read);
        }
        return total > limit ? null : copy.ToArray();
    }

    private static Stream Inflate(HttpRequest request) => request.Headers.ContentEncoding.ToString().ToLowerInvariant() switch
    {
        "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress),
        "br" => new BrotliStream(request.Body, CompressionMode.Decompress),
        _ => request.Body,
    };
}
