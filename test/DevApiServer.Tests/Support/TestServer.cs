using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Tests.Support;

/// <summary>A running server with the test definition installed, and short ways to talk to it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string Integrations = "/apis/nango.nango.dev/v1alpha1/namespaces/default/nangointegrations";
    public const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    public const string MergePatch = "application/merge-patch+json";
    public const string JsonPatch = "application/json-patch+json";
    public const string ApplyPatch = "application/apply-patch+yaml";

    private TestServer(DevApiServer api) => (Api, Client) = (api, api.CreateClient());

    public DevApiServer Api { get; }

    public HttpClient Client { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<TestServer> StartAsync(DevApiServerOptions? options = null)
    {
        var server = new TestServer(await DevApiServer.StartAsync(options, Cancelled));
        await server.OkAsync(HttpMethod.Post, Definitions, Sample.Definition(), code: HttpStatusCode.Created);
        return server;
    }

    public Task<JsonObject> CreateAsync(JsonObject item) => OkAsync(HttpMethod.Post, Integrations, item, code: HttpStatusCode.Created);

    public Task<JsonObject> GetAsync(string path) => OkAsync(HttpMethod.Get, path);

    public Task<JsonObject> MergeAsync(string path, string patch) => OkAsync(HttpMethod.Patch, path, JsonNode.Parse(patch), MergePatch);

    public Task<JsonObject> ApplyAsync(string name, string manager, string body, string subresource = "", bool force = false) =>
        OkAsync(HttpMethod.Patch, ApplyPath(name, manager, subresource, force), Sample.Applied(name, body), ApplyPatch);

    public static string ApplyPath(string name, string manager, string subresource = "", bool force = false) =>
        $"{Integrations}/{name}{subresource}?fieldManager={manager}{(force ? "&force=true" : "")}";

    /// <summary>Sends a request that must succeed.</summary>
    public async Task<JsonObject> OkAsync(HttpMethod method, string path, JsonNode? body = null, string contentType = "application/json", HttpStatusCode code = HttpStatusCode.OK)
    {
        var (status, answer) = await SendAsync(method, path, body, contentType);
        Assert.True(status == code || (code == HttpStatusCode.OK && status == HttpStatusCode.Created), $"{method} {path}: {status} {answer}");
        return answer;
    }

    public async Task<(HttpStatusCode Status, JsonObject Answer)> SendAsync(
        HttpMethod method, string path, JsonNode? body = null, string contentType = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20 };
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var response = await Client.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        return (response.StatusCode, text.StartsWith('{') ? (JsonObject)JsonNode.Parse(text)! : new JsonObject { ["text"] = text });
    }

    public async Task<WatchReader> WatchAsync(string query = "", string path = Integrations, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?watch=true&{query}") { Version = HttpVersion.Version20 };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        return new WatchReader(response, new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled)));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Api.DisposeAsync();
    }
}
