using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Chaos;

/// <summary>A user of the API server who does not give up: what he wants done is done when the call returns, whatever happens to the server meanwhile.</summary>
public sealed class ResourceApi(IApiServer server, string @namespace) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(300), LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = Connect(server);

    /// <summary>Creates or changes a resource.</summary>
    public Task ApplyAsync(string name, int revision, CancellationToken ct) =>
        PatchAsync(name, Manifest(name, revision), "application/apply-patch+yaml", "?fieldManager=chaos&force=true", ct);

    /// <summary>Asks the operator for a fresh look.</summary>
    public Task RequestReconcileAsync(string name, string request, CancellationToken ct) => PatchAsync(
        name,
        new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["nango.nango.dev/reconcile-requested-at"] = request } } },
        "application/merge-patch+json", "", ct);

    /// <summary>Deletes a resource.</summary>
    /// <returns>True when its status said Created at that moment; false when not, or when nobody knows.</returns>
    public Task<bool> DeleteAsync(string name, CancellationToken ct) => InsistAsync(
        async () =>
        {
            using var answer = await _http.DeleteAsync(PathOf(name), ct);
            var body = await ReadAsync(answer, ct);
            return body is not null && (string?)(body["status"] as JsonObject)?["status"] == "Created";
        },
        ct);

    /// <summary>Waits until a deleted resource is gone.</summary>
    public async Task UntilGoneAsync(string name, CancellationToken ct)
    {
        while (await InsistAsync(() => GetAsync(name, ct), ct) is not null) await Task.Delay(LookEvery, TimeProvider.System, ct);
    }

    /// <summary>All resources of the namespace.</summary>
    public Task<IReadOnlyList<JsonObject>> ListAsync(CancellationToken ct) => InsistAsync<IReadOnlyList<JsonObject>>(
        async () =>
        {
            using var answer = await _http.GetAsync(PathOf(null), ct);
            var list = await ReadAsync(answer, ct) ?? throw new HttpRequestException("The list is not served.");
            return [.. list["items"]!.AsArray().Select(item => item!.AsObject())];
        },
        ct);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The revision that a display name tells; 0 when it tells none.</summary>
    public static int RevisionOf(string? displayName) =>
        displayName?.Split(' ') is [_, "revision", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private static HttpClient Connect(IApiServer server)
    {
        var http = server.CreateHttpClient();
        http.Timeout = TimeSpan.FromSeconds(20);
        return http;
    }

    private static JsonObject Manifest(string name, int revision) => new()
    {
        ["apiVersion"] = "nango.nango.dev/v1alpha1",
        ["kind"] = "NangoIntegration",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["unique_key"] = name,
            ["provider"] = "slack",
            ["display_name"] = string.Create(CultureInfo.InvariantCulture, $"{name} revision {revision}"),
            ["credentials"] = new JsonObject { ["type"] = "OAUTH2", ["client_id"] = "id", ["client_secret"] = "secret", ["scopes"] = "a,b" },
        },
    };

    private async Task PatchAsync(string name, JsonObject body, string mediaType, string query, CancellationToken ct) => await InsistAsync(
        async () =>
        {
            using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
            using var answer = await _http.PatchAsync(PathOf(name) + query, content, ct);
            return await ReadAsync(answer, ct) ?? throw new HttpRequestException("The resource is not there.");
        },
        ct);

    private async Task<JsonObject?> GetAsync(string name, CancellationToken ct)
    {
        using var answer = await _http.GetAsync(PathOf(name), ct);
        return await ReadAsync(answer, ct);
    }

    /// <returns>Null only when the server says that this very object is missing: one that has just started answers a bare 404 for every custom resource.</returns>
    private static async Task<JsonObject?> ReadAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var text = await answer.Content.ReadAsStringAsync(ct);
        if (answer.StatusCode == HttpStatusCode.NotFound && text.Contains("\"reason\":\"NotFound\"", StringComparison.Ordinal)) return null;
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!.AsObject()
            : throw new HttpRequestException($"{(int)answer.StatusCode} {text}", inner: null, answer.StatusCode);
    }

    private static async Task<T> InsistAsync<T>(Func<Task<T>> attempt, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !ct.IsCancellationRequested && !IsRefused(e))
            {
                await Task.Delay(RetryAfter, TimeProvider.System, ct);
            }
        }
    }

    // A mistake of this program; 409 can be a race with the operator's own write.
    private static bool IsRefused(Exception e) => e is HttpRequestException { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.Forbidden };

    private string PathOf(string? name) => $"apis/nango.nango.dev/v1alpha1/namespaces/{@namespace}/nangointegrations{(name is null ? "" : "/" + name)}";
}
