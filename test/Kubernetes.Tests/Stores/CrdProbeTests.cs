using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Stores;

public sealed class CrdProbeTests(SharedApiServer servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Installed_crd_is_served()
    {
        using var cluster = await RealCluster.JoinAsync(servers);

        Assert.Equal(new CrdAnswer(CrdState.Served, ""), await new CrdProbe(cluster.Transport).CheckAsync(null, Cancel));
    }

    [Fact]
    public async Task User_without_rights_is_told_which()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        using var transport = new KubernetesTransport(KubernetesConnection.Load(cluster.Server.NobodyKubeconfigPath));

        var answer = await new CrdProbe(transport).CheckAsync(cluster.Namespace, Cancel);

        Assert.Equal(CrdState.Forbidden, answer.State);
        Assert.Contains($"forbids listing nangointegrations.nango.nango.dev in namespace {cluster.Namespace}", answer.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_crd_comes_with_the_command_that_installs_it()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.StatusAsync(404, "NotFound"));
        using var transport = server.Connect();

        var answer = await new CrdProbe(transport).CheckAsync(null, Cancel);

        Assert.Equal(CrdState.Missing, answer.State);
        Assert.EndsWith("apply it with: NangoOrleans.Silo crd | kubectl apply -f -", answer.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nangoenvironments", "NangoEnvironment")]
    [InlineData("clusternangoenvironments", "ClusterNangoEnvironment")]
    public async Task Each_missing_kind_is_named(string missing, string kind)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        string[] all = ["nangointegrations", "nangoenvironments", "clusternangoenvironments"];
        var discovery = $$"""{"resources":[{{string.Join(',', all.Where(name => name != missing).Select(name => $$"""{"name":"{{name}}"}"""))}}]}""";
        for (var i = 0; i < 6; i++) server.Lists.Enqueue(a => a.TextAsync(discovery));
        using var transport = server.Connect();

        var answer = await new CrdProbe(transport).CheckAsync(null, Cancel);

        Assert.Equal(CrdState.Missing, answer.State);
        Assert.StartsWith($"The CRD of {kind} is not installed", answer.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unreachable_cluster_is_named()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        proxy.TakeDown();
        using var transport = new KubernetesTransport(KubernetesConnection.Load(proxy.KubeconfigPath));

        var answer = await new CrdProbe(transport).CheckAsync(null, Cancel);

        Assert.Equal(CrdState.Unreachable, answer.State);
        Assert.Contains(proxy.BaseUrl.ToString(), answer.Sentence, StringComparison.Ordinal);
    }
}
