using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.FakeNango;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Watching.Clusters;

/// <summary>Silos of one cluster before a real API server, each behind a fault proxy of its own, and a fake Nango.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    /// <summary>Where the resources say that they were applied to.</summary>
    public const string EnvironmentKey = "dev";

    public const string Token = "0c1f6a8e-3d57-4b0a-8f1c-9e2d7b6a5c43";

    // Far beyond what anything here takes, even with both cores busy elsewhere.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly RealApiServer _server;
    private readonly HttpClient _kubernetes;
    private readonly List<TestSilo> _silos = [];

    private SiloCluster(RealApiServer server, string @namespace, FakeNangoServer nango)
    {
        (_server, Namespace, Nango) = (server, @namespace, nango);
        _kubernetes = ((IApiServer)server).CreateHttpClient();
    }

    public IReadOnlyList<TestSilo> Silos => _silos;

    public FakeNangoServer Nango { get; }

    public string Namespace { get; }

    private string Path => $"apis/nango.nango.dev/v1alpha1/namespaces/{Namespace}/nangointegrations";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Starts silos; the first one keeps the membership, and none stands for election yet.</summary>
    public static async Task<SiloCluster> StartAsync(SharedApiServer shared, int count)
    {
        Assert.SkipUnless(RealApiServer.IsAvailable, RealApiServer.SkipReason ?? "");
        var server = await shared.GetAsync(Ct);
        var cluster = new SiloCluster(server, await server.CreateNamespaceAsync(Ct), await FakeNangoServer.StartAsync(new FakeNangoOptions { Token = Token }, Ct));
        for (var i = 0; i < count; i++) await cluster.AddSiloAsync();
        return cluster;
    }

    public async Task<TestSilo> AddSiloAsync()
    {
        var silo = await TestSilo.StartAsync(
            await FaultProxy.StartAsync(_server, Ct), Nango.BaseUrl, Namespace, _silos.Count == 0 ? null : _silos[0].Ports.Silo, Ct);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Lets one silo stand for election, waits until it watches, and lets the others stand, too.</summary>
    public async Task ElectAsync(TestSilo first)
    {
        first.Election.Open();
        await UntilAsync(() => first.Watcher.Term?.Index.IsComplete == true);
        foreach (var silo in _silos) silo.Election.Open();
    }

    /// <summary>The only silo, of those given, that watches and has listed everything.</summary>
    public static async Task<TestSilo> UntilWatchedByAsync(params TestSilo[] candidates)
    {
        await UntilAsync(() => candidates.Any(silo => silo.Watcher.Term?.Index.IsComplete == true));
        return Assert.Single(candidates, silo => silo.Watcher.Term is not null);
    }

    /// <summary>A silo has left the cluster.</summary>
    public async Task StopAsync(TestSilo silo)
    {
        _silos.Remove(silo);
        await silo.DisposeAsync();
    }

    public Task ApplyAsync(string name, string key) => _server.ApplyAsync(
        $"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: NangoIntegration
        metadata:
          name: {name}
        spec:
          unique_key: {key}
          provider: slack
          display_name: Slack
          credentials:
            type: OAUTH2
            client_id: the-client-id
            client_secret: the-client-secret
            scopes: chat:write
        """,
        Namespace,
        Ct);

    /// <summary>Makes an integration in Nango.</summary>
    /// <returns>Its <c>created_at</c>.</returns>
    public async Task<string> MakeInNangoAsync(string key)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var credentials = new JsonObject { ["type"] = "OAUTH2", ["client_id"] = "the-client-id", ["client_secret"] = "the-client-secret", ["scopes"] = "chat:write" };
        var wanted = new JsonObject { ["unique_key"] = key, ["provider"] = "slack", ["credentials"] = credentials };
        using var body = new StringContent(wanted.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync($"{Nango.BaseUrl}/integrations", body, Ct);
        var made = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, made);
        return (string)JsonNode.Parse(made)!["data"]!["created_at"]!;
    }

    public StoredIntegration? FindInNango(string key) => Nango.State.Environment().Find(key);

    /// <summary>A whole second some time from now, as status writes it.</summary>
    public static DateTimeOffset In(TimeSpan time) => DateTimeOffset.FromUnixTimeSeconds((TimeProvider.System.GetUtcNow() + time).ToUnixTimeSeconds());

    /// <summary>Writes what the operator writes of a resource that failed and is to be tried again.</summary>
    public async Task<DateTimeOffset> LetWaitAsync(string name, DateTimeOffset due)
    {
        const string Before = "2026-01-01T00:00:00Z";
        await PatchStatusAsync(name, new JsonObject
        {
            ["observedGeneration"] = 1,
            ["status"] = "Failed",
            ["attempts"] = 9,
            ["next_retry_time"] = due.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["environment"] = new JsonObject { ["key"] = EnvironmentKey, ["base_url"] = Nango.BaseUrl },
            ["conditions"] = new JsonArray(
                new JsonObject { ["type"] = "Ready", ["status"] = "False", ["reason"] = "NangoUnavailable", ["message"] = "Away.", ["lastTransitionTime"] = Before, ["observedGeneration"] = 1 }),
        });
        return due;
    }

    private async Task PatchStatusAsync(string name, JsonObject status)
    {
        using var body = new StringContent(new JsonObject { ["status"] = status }.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/merge-patch+json"));
        using var answer = await _kubernetes.PatchAsync($"{Path}/{name}/status", body, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    public async Task<IReadOnlyList<JsonObject>> ListAsync() =>
        [.. JsonNode.Parse(await _kubernetes.GetStringAsync(Path, Ct))!["items"]!.AsArray().Select(item => item!.AsObject())];

    public async Task<string?> ReadHolderAsync() => (string?)JsonNode.Parse(await _kubernetes.GetStringAsync(
        $"apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases/nango-integration-operator-watcher", Ct))!["spec"]!["holderIdentity"];

    /// <summary>Waits until so many resources exist and all are ready.</summary>
    public Task UntilAllReadyAsync(int count) => UntilAsync(async () =>
    {
        var all = await ListAsync();
        return all.Count == count && all.All(one => PhaseOf(one) == "Created");
    });

    public static string? PhaseOf(JsonObject resource) => (string?)resource["status"]?["status"];

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(Patience);
        while (!await condition()) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        // The one that keeps the membership goes last.
        foreach (var silo in Enumerable.Reverse(_silos)) await silo.DisposeAsync();
        _kubernetes.Dispose();
        await Nango.DisposeAsync();
    }
}
