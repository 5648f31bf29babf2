using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace NangoOrleans.Packaging.Support;

/// <summary>
/// A container registry on loopback with one image: an almost empty stand-in for the real base image, which a machine without a
/// way to its registry cannot have. What the project puts on top of it is the same.
/// </summary>
internal sealed class BaseImageRegistry : IAsyncDisposable
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private readonly Dictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private readonly byte[] _manifest;
    private readonly WebApplication _app;

    private BaseImageRegistry()
    {
        var layer = Layer();
        var packed = Pack(layer);
        var configuration = Json(new
        {
            architecture = "amd64",
            os = "linux",
            config = new { Env = (string[])["APP_UID=1654", "DOTNET_RUNNING_IN_CONTAINER=true"] },
            rootfs = new { type = "layers", diff_ids = (string[])[Digest(layer)] },
            history = (object[])[new { created_by = "test" }],
        });
        _manifest = Json(new
        {
            schemaVersion = 2,
            mediaType = ManifestType,
            config = new { mediaType = "application/vnd.oci.image.config.v1+json", size = configuration.Length, digest = Digest(configuration) },
            layers = (object[])[new { mediaType = "application/vnd.oci.image.layer.v1.tar+gzip", size = packed.Length, digest = Digest(packed) }],
        });
        foreach (var blob in (byte[][])[packed, configuration]) _blobs[Digest(blob)] = blob;

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Host and port.</summary>
    public string Authority => new Uri(_app.Urls.Single()).Authority;

    /// <summary>Digest of the image's one layer.</summary>
    public string LayerDigest => _blobs.First().Key;

    public static async Task<BaseImageRegistry> StartAsync(CancellationToken ct)
    {
        var registry = new BaseImageRegistry();
        await registry._app.StartAsync(ct);
        return registry;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Split('/');
        var (type, body) = parts is [.., "manifests", _]
            ? (ManifestType, _manifest)
            : ("application/octet-stream", parts is [.., "blobs", var digest] ? _blobs.GetValueOrDefault(digest) : []);
        if (body is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        context.Response.Headers["Docker-Content-Digest"] = Digest(body);
        if (HttpMethods.IsGet(context.Request.Method)) await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static byte[] Layer()
    {
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, leaveOpen: true)) tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "usr/"));
        return buffer.ToArray();
    }

    private static byte[] Pack(byte[] layer)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(layer);
        return buffer.ToArray();
    }

    private static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value);

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
}
