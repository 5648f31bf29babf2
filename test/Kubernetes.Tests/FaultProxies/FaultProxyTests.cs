using System.Net;
using NangoOrleans.Integrations;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.FaultProxies;

public sealed class FaultProxyTests(SharedApiServer servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_counted_by_verb_and_resource()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        using var transport = new KubernetesTransport(KubernetesConnection.Load(proxy.KubeconfigPath));
        var store = new IntegrationStore(transport);

        var seen = await store.AddFinalizerAsync(await cluster.ApplyAsync("a"), null, Cancel);
        await store.ReplaceStatusAsync(seen!, new() { Status = "Created" }, Cancel);
        await store.GetAsync(new IntegrationKey(cluster.Namespace, "a"), Cancel);
        await transport.SendAsync(new(HttpMethod.Get, ResourceType.NangoIntegrations.VersionPath, "discovery"), static _ => true, Cancel);
        await transport.SendAsync(new(HttpMethod.Get, ResourceType.NangoIntegrations.CollectionPath(null), "nangointegrations"), static _ => true, Cancel);

        Assert.Equal(1, proxy.Count("patch", "nangointegrations"));
        Assert.Equal(1, proxy.Count("patch", "nangointegrations/status"));
        Assert.Equal(1, proxy.Count("get", "nangointegrations"));
        Assert.Equal(1, proxy.Count("list", "nangointegrations"));
        Assert.Equal((5, 2), (proxy.Count(), proxy.CountWrites()));
    }

    [Fact]
    public async Task Server_can_be_taken_down_brought_up_and_slowed()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        using var transport = new KubernetesTransport(KubernetesConnection.Load(proxy.KubeconfigPath));
        var request = new KubernetesRequest(HttpMethod.Get, "/version", "version");
        Assert.True(await transport.SendAsync(request, static _ => true, Cancel));

        proxy.TakeDown();
        await Assert.ThrowsAsync<KubernetesRequestException>(() => transport.SendAsync(request, static _ => true, Cancel));
        proxy.BringUp();
        Assert.True(await transport.SendAsync(request, static _ => true, Cancel));

        proxy.Delay(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<KubernetesRequestException>(
            () => transport.SendAsync(request with { Timeout = TimeSpan.FromMilliseconds(500) }, static _ => true, Cancel));
        Assert.Equal(2, proxy.Count());
    }

    [Fact]
    public async Task Requests_are_held_before_the_server_sees_them_until_they_are_released()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        using var transport = new KubernetesTransport(KubernetesConnection.Load(proxy.KubeconfigPath));
        var store = new IntegrationStore(transport);
        var (first, second) = (await cluster.ApplyAsync("first"), await cluster.ApplyAsync("second"));
        var held = proxy.Hold(request => request is { Verb: "patch", Name: "first" or "second" });

        var added = Task.WhenAll(store.AddFinalizerAsync(first, null, Cancel), store.AddFinalizerAsync(second, null, Cancel));
        await held.UntilHeldAsync(Cancel, count: 2);
        var meanwhile = await store.GetAsync(new IntegrationKey(cluster.Namespace, "first"), Cancel);
        held.Release();

        Assert.False(meanwhile!.HasFinalizer);
        Assert.All(await added, one => Assert.True(one!.HasFinalizer));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], held.Answers);
    }
}
