using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Packaging.Support;
using NangoOrleans.Testing;

namespace NangoOrleans.Packaging;

/// <summary>The container image, by both ways of building it.</summary>
public sealed class ImageTests
{
    private static readonly Tool Dotnet = new("dotnet");
    private static readonly string Dockerfile = RepositoryFiles.Read("Dockerfile");

    [Fact]
    public async Task Both_ways_start_from_the_same_base_and_end_with_the_same_user()
    {
        var answer = JsonNode.Parse(await Dotnet.RunAsync(
            ["msbuild", "src/Silo", "-target:ComputeContainerBaseImage", "-getProperty:ContainerBaseImage", "-getProperty:ContainerUser", "-getProperty:ContainerRepository"]))!["Properties"]!;

        Assert.Equal(Last("FROM "), (string?)answer["ContainerBaseImage"]);
        Assert.Equal("1654", (string?)answer["ContainerUser"]);
        Assert.Equal("$APP_UID", Last("USER "));
        Assert.Equal("nango-integration-operator", (string?)answer["ContainerRepository"]);
    }

    [Fact]
    public async Task PublishContainer_makes_an_image_that_runs_the_silo_without_root()
    {
        await using var registry = await BaseImageRegistry.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        var archive = folder.In("image.tar.gz");

        await Dotnet.RunAsync(
            [
                "publish", "src/Silo", "--no-build", "--configuration", Configuration, "-target:PublishContainer", $"-property:PublishDir={folder.In("publish")}/",
                $"-property:ContainerBaseImage={registry.Authority}/dotnet/aspnet:10.0-noble-chiseled", $"-property:ContainerArchiveOutputPath={archive}", "-property:ContainerImageFormat=OCI",
            ],
            "",
            ("DOTNET_CONTAINER_INSECURE_REGISTRIES", registry.Authority));
        var files = await ReadAsync(archive);

        var manifest = Json(files, Digest(Json(files, "index.json")["manifests"]![0]!));
        var configuration = Json(files, Digest(manifest["config"]!))["config"]!;
        var layers = manifest["layers"]!.AsArray();
        Assert.Equal("1654", (string?)configuration["User"]);
        // Not the launcher, which is made for one processor: this way the image can be built for another.
        Assert.Equal(["dotnet", "/app/NangoOrleans.Silo.dll"], Texts(configuration["Entrypoint"]));
        Assert.Equal("/app/", (string?)configuration["WorkingDir"]);
        Assert.Equal(["11111/tcp", "30000/tcp", "8080/tcp"], configuration["ExposedPorts"]!.AsObject().Select(port => port.Key).Order(StringComparer.Ordinal));
        Assert.Contains("DOTNET_EnableDiagnostics=0", Texts(configuration["Env"]));
        Assert.Equal(registry.LayerDigest, (string?)layers[0]!["digest"]);
        var program = Names(files[Blob(Digest(layers[1]!))]);
        Assert.Contains("app/NangoOrleans.Silo.dll", program);
        Assert.Contains("app/appsettings.json", program);
    }

    private static string Configuration => AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).EndsWith("release", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string Last(string instruction) =>
        Dockerfile.Split('\n').Last(line => line.StartsWith(instruction, StringComparison.Ordinal))[instruction.Length..].Trim();

    private static string Digest(JsonNode descriptor) => (string)descriptor["digest"]!;

    private static string Blob(string digest) => "blobs/" + digest.Replace(':', '/');

    private static JsonNode Json(Dictionary<string, byte[]> files, string name) =>
        JsonSerializer.Deserialize<JsonNode>(files[name.StartsWith("sha256:", StringComparison.Ordinal) ? Blob(name) : name])!;

    private static IEnumerable<string?> Texts(JsonNode? list) => list!.AsArray().Select(text => (string?)text);

    // Packed or not, as the SDK's version has it.
    private static async Task<Dictionary<string, byte[]>> ReadAsync(string archive)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await using var tar = new TarReader(Unpack(await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken)));
        while (await tar.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken) is { } entry)
        {
            if (entry.DataStream is not { } data) continue;
            using var buffer = new MemoryStream();
            await data.CopyToAsync(buffer, TestContext.Current.CancellationToken);
            files[entry.Name] = buffer.ToArray();
        }

        return files;
    }

    private static List<string> Names(byte[] layer)
    {
        var names = new List<string>();
        using var tar = new TarReader(Unpack(layer));
        while (tar.GetNextEntry() is { } entry) names.Add(entry.Name.TrimStart('.', '/'));
        return names;
    }

    private static Stream Unpack(byte[] content) =>
        content is [0x1f, 0x8b, ..] ? new GZipStream(new MemoryStream(content), CompressionMode.Decompress) : new MemoryStream(content);
}
