using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NangoOrleans.Clustering.Membership;
using NangoOrleans.Kubernetes;
using NangoOrleans.Testing.ApiServers;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;

namespace NangoOrleans.Clustering.Tests.Membership;

/// <summary>The membership tables of several silos of one cluster, and an API server with a namespace for them.</summary>
internal sealed class MembershipTables : IAsyncDisposable
{
    private static int _generation = 1000;

    private readonly List<ServiceProvider> _silos = [];

    public MembershipTables(IApiServer server, string @namespace)
    {
        (Server, Namespace) = (server, @namespace);
        Client = server.CreateHttpClient();
    }

    public const string ClusterId = "team-operator";

    public IApiServer Server { get; }

    public string Namespace { get; }

    /// <summary>To look at the objects from outside.</summary>
    public HttpClient Client { get; }

    public string ClusterPath => $"apis/orleans.nango.dev/v1alpha1/namespaces/{Namespace}/orleansclusters/{ClusterId}";

    public string LeasesPath => $"apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases";

    /// <summary>The table as one more silo sees it, with connections and memory of its own.</summary>
    public SiloTable Open(string clusterId = ClusterId) => new(Services(clusterId).GetRequiredService<IMembershipTable>());

    /// <summary>The table of a new cluster, initialized.</summary>
    public async Task<SiloTable> InitializeAsync()
    {
        var table = Open();
        await table.InitializeAsync();
        return table;
    }

    public IGatewayListProvider OpenGateways() => Services(ClusterId).GetRequiredService<IGatewayListProvider>();

    /// <summary>A silo as it joins.</summary>
    public static MembershipEntry NewEntry(IPAddress? address = null, SiloStatus status = SiloStatus.Joining)
    {
        var generation = Interlocked.Increment(ref _generation);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new()
        {
            SiloAddress = SiloAddress.New(address ?? IPAddress.Loopback, 11111, generation),
            HostName = "host",
            SiloName = $"silo-{generation}",
            RoleName = "role",
            UpdateZone = 3,
            FaultZone = 4,
            ProxyPort = 30000,
            Status = status,
            StartTime = now,
            IAmAliveTime = now,
            SuspectTimes = [],
        };
    }

    /// <summary>The table's object, as others see it.</summary>
    public async Task<JsonObject> ReadObjectAsync() =>
        JsonNode.Parse(await Client.GetStringAsync(ClusterPath, TestContext.Current.CancellationToken))!.AsObject();

    /// <summary>The Leases of all silos of the namespace.</summary>
    public async Task<IReadOnlyList<JsonNode>> ReadLeasesAsync() =>
        [.. JsonNode.Parse(await Client.GetStringAsync(LeasesPath, TestContext.Current.CancellationToken))!["items"]!.AsArray().Select(item => item!)];

    /// <summary>A merge patch of the table's object.</summary>
    public async Task PatchAsync(string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/merge-patch+json");
        using var answer = await Client.PatchAsync(ClusterPath, body, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos) await silo.DisposeAsync();
        Client.Dispose();
        if (Server is DevelopmentApiServer) await Server.DisposeAsync();
    }

    private ServiceProvider Services(string clusterId)
    {
        var services = new ServiceCollection().AddLogging().AddKubernetes(Server.KubeconfigPath);
        services.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (clusterId, "operator"));
        services.Configure<KubernetesClusteringOptions>(options => options.Namespace = Namespace);
        services.AddSingleton<ClusterStore>().AddSingleton<SiloLeases>();
        services.AddSingleton<IMembershipTable, KubernetesMembershipTable>().AddSingleton<IGatewayListProvider, KubernetesGatewayList>();
        var provider = services.BuildServiceProvider();
        _silos.Add(provider);
        return provider;
    }
}
