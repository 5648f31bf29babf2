using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>Applies manifests, as <c>kubectl apply --server-side --force-conflicts</c> does.</summary>
public static class ApiServerManifests
{
    private const string FieldManager = "test";
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ServedWithin = TimeSpan.FromMinutes(2);

    // What kubectl asks for.
    private static readonly string Aggregated = string.Join(',', ((string[])["v2", "v2beta1"])
        .Select(version => $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList").Append("application/json"));

    /// <summary>Creates or updates every object of a manifest, in order.</summary>
    /// <param name="server">The server.</param>
    /// <param name="yaml">One or more documents.</param>
    /// <param name="defaultNamespace">Namespace of namespaced objects that name none; it must exist.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The objects as the server answered.</returns>
    /// <exception cref="HttpRequestException">The server refused one; its message holds the server's.</exception>
    public static async Task<IReadOnlyList<JsonObject>> ApplyAsync(
        this IApiServer server, string yaml, string defaultNamespace, CancellationToken cancellationToken)
    {
        using var client = server.CreateHttpClient();
        var applied = new List<JsonObject>();
        foreach (var manifest in YamlDocuments.Parse(yaml))
        {
            var path = await FindPathAsync(client, manifest, defaultNamespace, cancellationToken);
            using var body = new StringContent(manifest.ToJsonString(), Encoding.UTF8);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/apply-patch+yaml");
            using var answer = await client.PatchAsync($"{path}?fieldManager={FieldManager}&force=true", body, cancellationToken);
            applied.Add(await ReadAsync(answer, path, cancellationToken));
        }

        return applied;
    }

    /// <summary>Installs definitions of custom resources and waits until they are served.</summary>
    /// <param name="server">The server.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="definitions">CustomResourceDefinition documents in YAML.</param>
    public static async Task InstallCrdsAsync(this IApiServer server, IEnumerable<string> definitions, CancellationToken cancellationToken)
    {
        using var client = server.CreateHttpClient();
        foreach (var definition in definitions)
        {
            foreach (var applied in await server.ApplyAsync(definition, "", cancellationToken))
                await WaitUntilServedAsync(client, (string)applied["metadata"]!["name"]!, cancellationToken);
        }
    }

    /// <summary>Waits until a custom resource is established, answered and discovered.</summary>
    /// <param name="server">The server.</param>
    /// <param name="definition">Name of its definition.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task WaitUntilServedAsync(this IApiServer server, string definition, CancellationToken cancellationToken)
    {
        using var client = server.CreateHttpClient();
        await WaitUntilServedAsync(client, definition, cancellationToken);
    }

    /// <summary>Makes a namespace with a name of its own, so that tests sharing a server do not meet.</summary>
    /// <param name="server">The server.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its name.</returns>
    public static async Task<string> CreateNamespaceAsync(this IApiServer server, CancellationToken cancellationToken)
    {
        using var client = server.CreateHttpClient();
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["generateName"] = "test-" } };
        using var answer = await client.PostAsJsonAsync("api/v1/namespaces", body, cancellationToken);
        return (string)(await ReadAsync(answer, "api/v1/namespaces", cancellationToken))["metadata"]!["name"]!;
    }

    private static async Task WaitUntilServedAsync(HttpClient client, string name, CancellationToken cancellationToken)
    {
        var path = $"apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}";
        var clock = TimeProvider.System;
        using var deadline = new CancellationTokenSource(ServedWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        while (true)
        {
            using var answer = await client.GetAsync(path, either.Token);
            var definition = await ReadAsync(answer, path, either.Token);
            if (IsTrue(definition, "NamesAccepted") && IsTrue(definition, "Established") && await IsServedAsync(client, definition["spec"]!, either.Token)) return;
            await Task.Delay(ProbeEvery, clock, either.Token);
        }
    }

    private static bool IsTrue(JsonObject definition, string condition) =>
        definition["status"]?["conditions"]?.AsArray().Any(c => (string?)c?["type"] == condition && (string?)c?["status"] == "True") == true;

    // A real server publishes handlers and discovery one after the other, and only after it has called the definition established.
    private static async Task<bool> IsServedAsync(HttpClient client, JsonNode spec, CancellationToken cancellationToken)
    {
        var (group, plural) = ((string)spec["group"]!, (string)spec["names"]!["plural"]!);
        foreach (var version in spec["versions"]!.AsArray().Where(v => (bool)v!["served"]!).Select(v => (string)v!["name"]!))
        {
            var root = $"apis/{group}/{version}";
            if (!Has((await TryGetAsync(client, root, cancellationToken))?["resources"], r => (string?)r["name"] == plural)) return false;
            if (await TryGetAsync(client, $"{root}/{plural}?limit=1", cancellationToken) is null) return false;
            if (!IsDiscovered(await TryGetAsync(client, "apis", cancellationToken), group, version, plural)) return false;
        }

        return true;
    }

    // A server that knows no aggregated discovery answers with its groups.
    private static bool IsDiscovered(JsonObject? all, string group, string version, string plural) => all?["items"] is { } items
        ? Has(items, g => (string?)g["metadata"]?["name"] == group
            && Has(g["versions"], v => (string?)v["version"] == version && Has(v["resources"], r => (string?)r["resource"] == plural)))
        : Has(all?["groups"], g => (string?)g["name"] == group && Has(g["versions"], v => (string?)v["version"] == version));

    private static bool Has(JsonNode? list, Func<JsonNode, bool> fits) => list?.AsArray().Any(item => fits(item!)) == true;

    private static async Task<JsonObject?> TryGetAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (path == "apis") request.Headers.TryAddWithoutValidation("Accept", Aggregated);
        using var answer = await client.SendAsync(request, cancellationToken);
        return answer.IsSuccessStatusCode ? await ReadAsync(answer, path, cancellationToken) : null;
    }

    private static async Task<string> FindPathAsync(HttpClient client, JsonObject manifest, string defaultNamespace, CancellationToken cancellationToken)
    {
        var (apiVersion, kind) = ((string)manifest["apiVersion"]!, (string)manifest["kind"]!);
        var root = apiVersion.Contains('/', StringComparison.Ordinal) ? $"apis/{apiVersion}" : $"api/{apiVersion}";
        using var answer = await client.GetAsync(root, cancellationToken);
        var resource = (await ReadAsync(answer, root, cancellationToken))["resources"]!.AsArray()
            .FirstOrDefault(r => (string?)r!["kind"] == kind && !((string)r["name"]!).Contains('/', StringComparison.Ordinal))
            ?? throw new HttpRequestException($"{apiVersion} has no kind {kind}.");
        var metadata = manifest["metadata"]!;
        var space = (bool)resource["namespaced"]! ? $"/namespaces/{(string?)metadata["namespace"] ?? defaultNamespace}" : "";
        return $"{root}{space}/{(string)resource["name"]!}/{(string)metadata["name"]!}";
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage answer, string path, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!.AsObject()
            : throw new HttpRequestException($"{path}: {(int)answer.StatusCode} {text}", inner: null, answer.StatusCode);
    }
}
