using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Crds;

/// <summary>Integrations in a namespace of its own, by plain HTTP. Unknown fields are refused, so that nothing is dropped silently.</summary>
internal sealed class IntegrationsClient : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly string _namespace;
    private readonly CancellationToken _cancel;

    private IntegrationsClient(HttpClient client, string @namespace, CancellationToken cancel)
    {
        _client = client;
        _namespace = @namespace;
        _cancel = cancel;
    }

    private string Path => $"apis/nango.nango.dev/v1alpha1/namespaces/{_namespace}/nangointegrations";

    public static async Task<IntegrationsClient> OpenAsync(IApiServer server, CancellationToken cancel) =>
        new(server.CreateHttpClient(), await server.CreateNamespaceAsync(cancel), cancel);

    public async Task<JsonObject> CreateAsync(JsonObject manifest)
    {
        using var answer = await PostAsync(manifest);
        return await ReadAsync(answer);
    }

    public Task<HttpResponseMessage> PostAsync(JsonObject manifest)
    {
        var body = manifest.DeepClone().AsObject();
        body["metadata"]!["namespace"] = _namespace;
        return _client.PostAsJsonAsync($"{Path}?fieldValidation=Strict", body, _cancel);
    }

    public async Task<HttpResponseMessage> PatchAsync(JsonObject patch, string subresource = "")
    {
        using var body = new StringContent(patch.ToJsonString(), Encoding.UTF8, "application/merge-patch+json");
        return await _client.PatchAsync($"{Path}/test{subresource}?fieldValidation=Strict", body, _cancel);
    }

    public async Task<JsonObject> GetAsync()
    {
        using var answer = await _client.GetAsync($"{Path}/test", _cancel);
        return await ReadAsync(answer);
    }

    public async Task<JsonObject> TableAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;as=Table;v=v1;g=meta.k8s.io"));
        using var answer = await _client.SendAsync(request, _cancel);
        return await ReadAsync(answer);
    }

    public async Task<JsonArray> ListAsync(string fieldSelector)
    {
        using var answer = await _client.GetAsync($"{Path}?fieldSelector={Uri.EscapeDataString(fieldSelector)}", _cancel);
        return (await ReadAsync(answer))["items"]!.AsArray();
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonObject> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(_cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!.AsObject();
    }
}
