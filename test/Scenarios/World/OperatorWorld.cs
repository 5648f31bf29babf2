using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.FakeNango;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Scenarios.World;

/// <summary>Which API server a scenario runs on.</summary>
public enum ServerKind
{
    /// <summary>kube-apiserver from KUBEBUILDER_ASSETS: the truth.</summary>
    Real,

    /// <summary>The development double: what a machine without assets still tests.</summary>
    Development,
}

/// <summary>
/// Everything an operator lives with: an API server behind a fault proxy, a fake Nango, and the operator itself as a process. On the
/// real server it has the rights that k8s/ gives it and no others.
/// </summary>
public sealed class OperatorWorld : IAsyncDisposable
{
    public const string Token = "5e0c3a52-6f0b-4c7e-9d53-0a4f6c1e2b7d";

    private const string Plural = "nangointegrations";

    // Far beyond what anything here takes, even with both cores busy elsewhere.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly IApiServer _server;
    private readonly HttpClient _kubernetes;
    private readonly Dictionary<string, string?> _settings;
    private SiloProcess? _silo;

    private OperatorWorld(IApiServer server, FaultProxy proxy, FakeNangoServer nango, string @namespace, Dictionary<string, string?> settings)
    {
        (_server, Proxy, Nango, Namespace, _settings) = (server, proxy, nango, @namespace, settings);
        _kubernetes = server.CreateHttpClient();
    }

    /// <summary>Between the operator and the API server; its counts are the operator's alone.</summary>
    public FaultProxy Proxy { get; }

    public FakeNangoServer Nango { get; }

    public string Namespace { get; }

    public IApiServer Server => _server;

    /// <summary>Where the operator keeps its Leases and the table of its silos.</summary>
    public string OperatorNamespace => _settings.GetValueOrDefault("POD_NAMESPACE") ?? "default";

    public SiloProcess Silo => _silo ?? throw new InvalidOperationException("The operator does not run.");

    /// <summary>Starts a world; the operator runs when this returns.</summary>
    public static Task<OperatorWorld> StartAsync(ServerKind kind, CancellationToken ct, params (string Name, string Value)[] settings) => StartAsync(kind, confined: false, settings, ct);

    /// <summary>Starts a world on the real server, whose operator watches its namespace and <c>default</c>, and has no right on the cluster.</summary>
    public static Task<OperatorWorld> StartConfinedAsync(CancellationToken ct, params (string Name, string Value)[] settings) => StartAsync(ServerKind.Real, confined: true, settings, ct);

    private static async Task<OperatorWorld> StartAsync(ServerKind kind, bool confined, (string Name, string Value)[] settings, CancellationToken ct)
    {
        if (kind == ServerKind.Real) Assert.SkipUnless(RealApiServer.IsAvailable, RealApiServer.SkipReason ?? "");
        IApiServer server = kind == ServerKind.Real ? await RealApiServer.StartAsync(ct) : await DevelopmentApiServer.StartAsync(null, ct);
        await server.InstallCrdsAsync(CustomResourceDefinitions.All, ct);
        var @namespace = await server.CreateNamespaceAsync(ct);
        var proxy = (kind, confined) switch
        {
            (ServerKind.Development, _) => await FaultProxy.StartAsync(server, ct),
            (_, true) => await FaultProxy.StartAsync(await OperatorAccount.CreateAsync(server, [@namespace, "default"], ct), ct),
            _ => await FaultProxy.StartAsync(await OperatorAccount.CreateAsync(server, ct), ct),
        };
        var nango = await FakeNangoServer.StartAsync(new FakeNangoOptions { Token = Token, KeepBodies = true }, ct);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["KUBECONFIG"] = proxy.KubeconfigPath,
            ["POD_NAMESPACE"] = kind == ServerKind.Real ? OperatorAccount.Namespace : null,
            ["NANGO_TOKEN"] = Token,
            ["NANGO_BASE_URL"] = nango.BaseUrl,
        };
        if (confined) (environment["NangoOrleans__Watch__Namespaces"], environment["NangoOrleans__Watch__ClusterEnvironments"]) = ($"{@namespace},default", "false");
        foreach (var (name, value) in settings) environment[name] = value;
        var world = new OperatorWorld(server, proxy, nango, @namespace, environment);
        await world.StartOperatorAsync(ct);
        return world;
    }

    public async Task StartOperatorAsync(CancellationToken ct) => _silo = await SiloProcess.StartReadyAsync(_settings, ct);

    /// <summary>Starts the operator without waiting until it is ready, as one does that crashes again at once.</summary>
    public async Task StartOperatorUnreadyAsync(CancellationToken ct) => _silo = await SiloProcess.StartAsync(_settings, ct);

    /// <summary>Starts one more silo of the cluster, as a process of its own; the world's settings must choose <c>Clustering=Kubernetes</c>. The caller ends it.</summary>
    /// <param name="podName">Its name.</param>
    /// <param name="ct">Gives up.</param>
    public Task<SiloProcess> StartMemberAsync(string podName, CancellationToken ct) =>
        SiloProcess.StartReadyAsync(new Dictionary<string, string?>(_settings, StringComparer.Ordinal) { ["POD_NAME"] = podName }, ct);

    /// <summary>SIGKILL.</summary>
    public async Task KillOperatorAsync()
    {
        if (_silo is null) return;
        await _silo.DisposeAsync();
        _silo = null;
    }

    public async Task ApplyAsync(string yaml, CancellationToken ct) => await _server.ApplyAsync(yaml, Namespace, ct);

    public Task<JsonObject?> GetAsync(string name, CancellationToken ct) => GetAsync(Plural, name, ct);

    public async Task<JsonObject?> GetAsync(string plural, string name, CancellationToken ct)
    {
        using var answer = await _kubernetes.GetAsync(PathOf(plural, name), ct);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(ct))!.AsObject();
    }

    public async Task<IReadOnlyList<JsonObject>> ListAsync(CancellationToken ct) =>
        [.. JsonNode.Parse(await _kubernetes.GetStringAsync(PathOf(null), ct))!["items"]!.AsArray().Select(item => item!.AsObject())];

    /// <summary>The resources of all namespaces.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAllAsync(CancellationToken ct) =>
        [.. JsonNode.Parse(await _kubernetes.GetStringAsync($"apis/nango.nango.dev/v1alpha1/{Plural}", ct))!["items"]!.AsArray().Select(item => item!.AsObject())];

    /// <summary>A merge patch, as <c>kubectl patch --type merge</c> sends it.</summary>
    public async Task PatchAsync(string name, string json, CancellationToken ct, string subresource = "")
    {
        using var body = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/merge-patch+json"));
        using var answer = await _kubernetes.PatchAsync(PathOf(name) + subresource, body, ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(ct));
    }

    /// <summary>Server-side apply of a status by somebody who is not the operator.</summary>
    public async Task ApplyStatusAsync(string plural, string name, JsonObject status, CancellationToken ct)
    {
        var kind = plural == Plural ? "NangoIntegration" : "NangoEnvironment";
        var applied = new JsonObject { ["apiVersion"] = "nango.nango.dev/v1alpha1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name }, ["status"] = status };
        using var body = new StringContent(applied.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/apply-patch+yaml"));
        using var answer = await _kubernetes.PatchAsync($"{PathOf(plural, name)}/status?fieldManager=somebody&force=true", body, ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(ct));
    }

    /// <summary>Deletes all integrations of the namespace with one request, as <c>kubectl delete --all</c> does; more than one where the server's time is over before.</summary>
    public async Task DeleteAllAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                using var answer = await _kubernetes.DeleteAsync(PathOf(null), ct);
                if (answer.StatusCode == HttpStatusCode.GatewayTimeout) continue;
                answer.EnsureSuccessStatusCode();
                return;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // Many take longer than a request may; what was reached is on its way.
            }
        }
    }

    public async Task DeleteAsync(string name, CancellationToken ct)
    {
        using var answer = await _kubernetes.DeleteAsync(PathOf(name), ct);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<IReadOnlyList<JsonObject>> EventsAsync(CancellationToken ct) =>
        [.. JsonNode.Parse(await _kubernetes.GetStringAsync($"api/v1/namespaces/{Namespace}/events", ct))!["items"]!.AsArray().Select(item => item!.AsObject())];

    public async Task UntilEventAsync(string name, Func<JsonObject, bool> condition, CancellationToken ct) => await UntilAsync(
        async () => (await EventsAsync(ct)).FirstOrDefault(e => (string?)e["involvedObject"]!["name"] == name && condition(e)),
        async () => string.Join('\n', (await EventsAsync(ct)).Where(e => (string?)e["involvedObject"]!["name"] == name).Select(e => e.ToJsonString())),
        ct);

    public Task<JsonObject?> GetEnvironmentAsync(string name, CancellationToken ct) => GetAsync("nangoenvironments", name, ct);

    public async Task DeleteEnvironmentAsync(string name, CancellationToken ct)
    {
        using var answer = await _kubernetes.DeleteAsync(EnvironmentPath(name), ct);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until a NangoEnvironment looks as wanted.</summary>
    public Task<JsonObject> UntilEnvironmentAsync(string name, Func<Status, bool> condition, CancellationToken ct) => UntilAsync(
        async () => await GetEnvironmentAsync(name, ct) is { } found && condition(new Status(found)) ? found : null,
        async () => (await GetEnvironmentAsync(name, ct))?["status"]?.ToJsonString() ?? "it does not exist",
        ct);

    /// <summary>Events about cluster-wide objects, and of the namespace <c>default</c>.</summary>
    public async Task<IReadOnlyList<JsonObject>> ClusterEventsAsync(CancellationToken ct) =>
        [.. JsonNode.Parse(await _kubernetes.GetStringAsync("api/v1/namespaces/default/events", ct))!["items"]!.AsArray().Select(item => item!.AsObject())];

    /// <summary>Deletes anything by its path below the API server's root.</summary>
    public async Task DeletePathAsync(string path, CancellationToken ct)
    {
        using var answer = await _kubernetes.DeleteAsync(path, ct);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until nothing is found at a path.</summary>
    public Task UntilPathGoneAsync(string path, CancellationToken ct) => UntilAsync(
        async () =>
        {
            using var answer = await _kubernetes.GetAsync(path, ct);
            return answer.StatusCode == HttpStatusCode.NotFound ? new JsonObject() : null;
        },
        async () => await _kubernetes.GetStringAsync(path, ct),
        ct);

    /// <summary>Waits until one of many that want a key is ready and all others are told so.</summary>
    /// <returns>Namespace and name of the winner.</returns>
    public async Task<string> UntilOneWinsAsync(int count, string key, CancellationToken ct)
    {
        var winner = "";
        await UntilAsync(
            async () =>
            {
                var all = (await ListAllAsync(ct)).Where(one => (string?)one["spec"]!["unique_key"] == key).ToList();
                var ready = all.Where(one => new Status(one).IsReady).ToList();
                if (all.Count != count || ready.Count != 1 || all.Count(one => new Status(one).Phase == "Conflict") != count - 1) return false;
                winner = $"{(string?)ready[0]["metadata"]!["namespace"]}/{(string?)ready[0]["metadata"]!["name"]}";
                return all.TrueForAll(one => ReferenceEquals(one, ready[0]) || new Status(one).Message!.Contains(winner, StringComparison.Ordinal));
            },
            ct);
        return winner;
    }

    /// <summary>Waits for anything that has to be asked for.</summary>
    public Task UntilAsync(Func<Task<bool>> condition, CancellationToken ct) =>
        UntilAsync(async () => await condition() ? new JsonObject() : null, () => Task.FromResult("the condition is not met"), ct);

    public async Task DeleteSecretAsync(string name, CancellationToken ct)
    {
        using var answer = await _kubernetes.DeleteAsync($"api/v1/namespaces/{Namespace}/secrets/{name}", ct);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until a resource looks as wanted.</summary>
    public Task<JsonObject> UntilAsync(string name, Func<Status, bool> condition, CancellationToken ct) => UntilAsync(
        async () => await GetAsync(name, ct) is { } found && condition(new Status(found)) ? found : null,
        async () => (await GetAsync(name, ct))?["status"]?.ToJsonString() ?? "it does not exist",
        ct);

    public Task UntilGoneAsync(string name, CancellationToken ct) => UntilAsync(
        async () => await GetAsync(name, ct) is null ? new JsonObject() : null,
        async () => (await GetAsync(name, ct))?.ToJsonString() ?? "it is gone now",
        ct);

    /// <summary>Waits for anything.</summary>
    public Task UntilAsync(Func<bool> condition, CancellationToken ct) =>
        UntilAsync(() => Task.FromResult(condition() ? new JsonObject() : null), () => Task.FromResult("the condition is not met"), ct);

    /// <summary>Waits until every resource of the namespace is as wanted.</summary>
    public Task UntilAllAsync(int count, Func<Status, bool> condition, CancellationToken ct) => UntilAsync(
        async () => (await ListAsync(ct)) is var all && all.Count == count && all.All(one => condition(new Status(one))) ? new JsonObject() : null,
        async () => string.Join('\n', (await ListAsync(ct)).Where(one => !condition(new Status(one))).Take(3).Select(one => one.ToJsonString())),
        ct);

    public async ValueTask DisposeAsync()
    {
        await KillOperatorAsync();
        _kubernetes.Dispose();
        await Proxy.DisposeAsync();
        await Nango.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task<JsonObject> UntilAsync(Func<Task<JsonObject?>> look, Func<Task<string>> describe, CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } found) return found;
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                var log = _silo is null ? "" : string.Join('\n', _silo.Output.TakeLast(20));
                Assert.Fail($"Waited in vain; now: {await describe()}\nThe operator's last words:\n{log}");
            }

            await Task.Delay(LookEvery, TimeProvider.System, ct);
        }
    }

    private string EnvironmentPath(string name) => PathOf("nangoenvironments", name);

    private string PathOf(string? name) => PathOf(Plural, name);

    private string PathOf(string plural, string? name) => $"apis/nango.nango.dev/v1alpha1/namespaces/{Namespace}/{plural}{(name is null ? "" : "/" + name)}";
}

/// <summary>The status of a resource, for conditions in tests.</summary>
public sealed class Status(JsonObject resource)
{
    public string? Phase => (string?)resource["status"]?["status"];

    public string? Message => (string?)resource["status"]?["error_message"];

    public long? ObservedGeneration => (long?)resource["status"]?["observedGeneration"];

    public bool IsCurrent => ObservedGeneration == (long?)resource["metadata"]?["generation"];

    public bool IsReady => IsCurrent && Condition("Ready") is { } ready && (string?)ready["status"] == "True";

    public string? Reason => (string?)Condition("Ready")?["reason"];

    public string? TokenVersion => (string?)resource["status"]?["token_secret"]?["resource_version"];

    public string? NextRetryTime => (string?)resource["status"]?["next_retry_time"];

    public string? RemoteUpdatedAt => (string?)resource["status"]?["nango"]?["updated_at"];

    public JsonObject? Condition(string type) =>
        resource["status"]?["conditions"]?.AsArray().Select(c => c!.AsObject()).FirstOrDefault(c => (string?)c["type"] == type);
}

/// <summary>Manifests.</summary>
public static class Manifest
{
    public static string Slack(string name, string key, string displayName = "Slack", string more = "") => $"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: NangoIntegration
        metadata:
          name: {name}
        spec:
          unique_key: {key}
          provider: slack
          display_name: {displayName}
          credentials:
            type: OAUTH2
            client_id: the-client-id
            client_secret: the-client-secret
            scopes: chat:write,users:read
        {more}
        """;

    public static string Secret(string name, params (string Key, string Value)[] values) => $"""
        apiVersion: v1
        kind: Secret
        metadata:
          name: {name}
        stringData:
        {string.Join('\n', values.Select(v => $"  {v.Key}: \"{v.Value}\""))}
        """;
}
