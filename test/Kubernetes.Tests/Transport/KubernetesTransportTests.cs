using System.Net;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Transport;

public sealed class KubernetesTransportTests(SharedApiServer servers)
{
    private static readonly KubernetesRequest Request = new(HttpMethod.Get, "/api/v1/things", "things");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Http_2_is_used_over_tls()
    {
        using var cluster = await RealCluster.JoinAsync(servers);

        using var answer = await cluster.Transport.OpenAsync(new(HttpMethod.Get, "/version", "version"), Cancel);

        Assert.Equal(HttpVersion.Version20, answer.Version);
    }

    [Fact]
    public async Task Certificate_for_another_name_is_refused()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var configuration = ((IApiServer)cluster.Server).CreateClientConfiguration();
        configuration.TlsServerName = "somebody.else";
        using var transport = new KubernetesTransport(configuration);

        var refused = await Assert.ThrowsAsync<KubernetesRequestException>(() => transport.SendAsync(Request, static _ => true, Cancel));

        Assert.Equal(KubernetesErrorKind.Transient, refused.Error.Kind);
        Assert.IsType<HttpRequestException>(refused.InnerException);
    }

    [Fact]
    public async Task Certificate_of_another_authority_is_refused()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        var configuration = ((IApiServer)cluster.Server).CreateClientConfiguration();
        configuration.Host = proxy.BaseUrl.ToString();
        using var transport = new KubernetesTransport(configuration);

        await Assert.ThrowsAsync<KubernetesRequestException>(() => transport.SendAsync(Request, static _ => true, Cancel));
        Assert.Equal(0, proxy.Count());
    }

    [Fact]
    public async Task Body_that_stalls_ends_with_the_timeout()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(async a =>
        {
            await a.TextAsync("{");
            await a.StayOpenAsync();
        });
        using var transport = server.Connect();

        var late = await Assert.ThrowsAsync<KubernetesRequestException>(
            () => transport.SendAsync(Request with { Timeout = TimeSpan.FromMilliseconds(300) }, static _ => true, Cancel));

        Assert.Equal("The Kubernetes API did not answer GET things in time.", late.Message);
    }

    [Fact]
    public async Task Error_body_that_never_ends_is_cut_off()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(async a =>
        {
            await a.StatusAsync(403, new string('x', 20_000));
            await a.StayOpenAsync();
        });
        using var transport = server.Connect();

        var refused = await Assert.ThrowsAsync<KubernetesRequestException>(() => transport.SendAsync(Request, static _ => true, Cancel));

        Assert.Equal(KubernetesErrorKind.Forbidden, refused.Error.Kind);
    }

    [Fact]
    public async Task Caller_that_gives_up_gets_a_cancellation()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.StayOpenAsync());
        using var transport = server.Connect();
        using var cancel = new CancellationTokenSource();

        var sent = transport.SendAsync(Request, static _ => true, cancel.Token);
        await Until.TrueAsync(() => server.Requests.Count == 1);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Read_is_repeated_after_the_time_the_server_asks_for(int status)
    {
        var time = new TimerClock();
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.StatusAsync(status, "", retryAfter: "3"));
        using var transport = server.Connect(time);

        var sent = transport.SendAsync(Request, static _ => true, Cancel);
        await Until.TrueAsync(() => time.Timers.Contains(TimeSpan.FromSeconds(3)));
        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Single(server.Requests);
        time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(await sent.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Write_is_not_repeated_and_wait_beyond_the_timeout_neither()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        server.Lists.Enqueue(a => a.StatusAsync(429, "", retryAfter: "1"));
        server.Lists.Enqueue(a => a.StatusAsync(429, "", retryAfter: "60"));
        using var transport = server.Connect();

        var write = await Assert.ThrowsAsync<KubernetesRequestException>(
            () => transport.SendAsync(Request with { Method = HttpMethod.Patch, Body = "{}"u8.ToArray() }, static _ => true, Cancel));
        var read = await Assert.ThrowsAsync<KubernetesRequestException>(() => transport.SendAsync(Request, static _ => true, Cancel));

        Assert.Equal([1, 60], [write.Error.RetryAfter!.Value.TotalSeconds, read.Error.RetryAfter!.Value.TotalSeconds]);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public void Missing_kubeconfig_is_told_with_its_path_and_source()
    {
        var explicitly = Assert.Throws<KubernetesConnectionException>(() => KubernetesConnection.Load("/none", "/also-none", inCluster: true));
        var environment = Assert.Throws<KubernetesConnectionException>(() => KubernetesConnection.Load(null, "/also-none", inCluster: true));

        Assert.Equal("The kubeconfig file /none (from the kubeconfig setting) does not exist: correct the path.", explicitly.Message);
        Assert.Equal("The kubeconfig file /also-none (from KUBECONFIG) does not exist: correct the path.", environment.Message);
    }

    [Fact]
    public void Unusable_kubeconfig_is_told_without_its_content()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("config"), "token: hush: [");

        var broken = Assert.Throws<KubernetesConnectionException>(() => KubernetesConnection.Load(folder.In("config")));

        Assert.Contains("cannot be used", broken.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", broken.Message, StringComparison.Ordinal);
    }
}
