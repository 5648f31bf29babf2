using System.Globalization;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Feeds;

public sealed class ResourceFeedRealServerTests(SharedApiServer servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Life_of_an_object_is_followed()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var before = await cluster.ApplyAsync("before");
        await using var feed = RunningFeed.Start(Connect(cluster.Server), Options(cluster));
        await feed.Sink.WaitForAsync("synced");

        var made = await cluster.ApplyAsync("a", more: ", nango_token: hush");
        await feed.Sink.WaitForAsync(Line("upsert", made));
        var changed = await cluster.ApplyAsync("a", displayName: "Other");
        await feed.Sink.WaitForAsync(Line("upsert", changed));
        await cluster.DeleteAsync("a");
        await feed.Sink.WaitForStartAsync("delete a " + made.Metadata.Uid);

        Assert.Contains(Line("listed", before), feed.Sink.Lines);
        Assert.True(feed.Sink.Items.Single(i => i.Spec!.NangoToken is not null).Spec!.NangoToken!.IsRedacted);
    }

    [Fact]
    public async Task Deletion_while_the_connection_was_away_is_reported_after_an_expired_version()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        var gone = await cluster.ApplyAsync("gone");
        await using var feed = RunningFeed.Start(Connect(proxy), Options(cluster));
        await feed.Sink.WaitForAsync("connected");

        proxy.TakeDown();
        await Until.TrueAsync(() => !feed.Feed.State.IsConnected);
        await cluster.DeleteAsync("gone");
        var expired = proxy.ExpireNextWatch(ExpiredForm.Event);
        proxy.BringUp();
        await expired;

        await feed.Sink.WaitForAsync(Line("delete", gone));
        await feed.Sink.WaitForAsync("synced", times: 2);
        var kept = await cluster.ApplyAsync("kept");
        await feed.Sink.WaitForAsync(Line("upsert", kept));
    }

    [Fact]
    public async Task Cut_watches_lose_nothing_and_cost_no_list()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        await using var feed = RunningFeed.Start(Connect(proxy), Options(cluster));
        await feed.Sink.WaitForAsync("connected");

        for (var i = 0; i < 5; i++)
        {
            await Until.TrueAsync(() => proxy.OpenWatches == 1);
            var during = await cluster.ApplyAsync($"during-{i.ToString(CultureInfo.InvariantCulture)}");
            proxy.CutWatches();
            var after = await cluster.ApplyAsync($"after-{i.ToString(CultureInfo.InvariantCulture)}");
            await feed.Sink.WaitForAsync(Line("upsert", during));
            await feed.Sink.WaitForAsync(Line("upsert", after));
        }

        Assert.Equal(1, proxy.Count("list", "nangointegrations"));
    }

    [Fact]
    public async Task Stalled_list_behind_a_proxy_is_asked_for_again()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        var made = await cluster.ApplyAsync("a");
        var stalled = proxy.StallNextList("nangointegrations");

        await using var feed = RunningFeed.Start(Connect(proxy), Options(cluster) with { PageTimeout = TimeSpan.FromSeconds(10) });
        await stalled;
        await feed.Sink.WaitForAsync("synced");

        Assert.Contains(Line("listed", made), feed.Sink.Lines);
        Assert.True(proxy.Count("list", "nangointegrations") >= 2);
    }

    [Fact]
    public async Task Many_pages_hold_every_object_once()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        for (var i = 0; i < 25; i++) await cluster.ApplyAsync($"n-{i.ToString(CultureInfo.InvariantCulture)}");

        await using var feed = RunningFeed.Start(Connect(cluster.Server), Options(cluster) with { PageSize = 4 });
        await feed.Sink.WaitForAsync("synced");

        Assert.Equal(25, feed.Sink.Items.Select(i => i.Metadata.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(25, feed.Sink.Items.Count);
    }

    [Fact]
    public async Task Metadata_of_secrets_comes_without_their_data()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await cluster.ApplyManifestAsync("{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {token: aHVzaA==}}");
        var bodies = new List<string>();

        await using var feed = RunningFeed.Start(
            Connect(cluster.Server),
            new FeedOptions { Resource = ResourceType.Secrets, Namespace = cluster.Namespace, MetadataOnly = true },
            parser: json =>
            {
                lock (bodies) bodies.Add(System.Text.Encoding.UTF8.GetString(json));
                return NangoIntegrationParser.Parse(json);
            });
        await feed.Sink.WaitForAsync("connected");
        await cluster.ApplyManifestAsync("{apiVersion: v1, kind: Secret, metadata: {name: t}, data: {token: aHVzaA==}}");
        await feed.Sink.WaitForStartAsync("upsert t ");

        lock (bodies)
        {
            Assert.Equal(2, bodies.Count);
            Assert.All(bodies, b => Assert.DoesNotContain("aHVzaA", b, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Restart_of_the_api_server_is_survived()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        await using var server = await RealApiServer.StartAsync(Cancel);
        await server.InstallCrdsAsync(NangoOrleans.Kubernetes.Crds.CustomResourceDefinitions.All, Cancel);
        const string Yaml = "{apiVersion: nango.nango.dev/v1alpha1, kind: NangoIntegration, metadata: {name: NAME}, spec: {unique_key: a, provider: b, display_name: c}}";
        await server.ApplyAsync(Yaml.Replace("NAME", "a", StringComparison.Ordinal), "default", Cancel);
        await using var feed = RunningFeed.Start(Connect(server), RunningFeed.Impatient with { BackoffLimit = TimeSpan.FromSeconds(1) });
        await feed.Sink.WaitForAsync("connected");

        await server.RestartAsync(Cancel);
        await server.ApplyAsync(Yaml.Replace("NAME", "b", StringComparison.Ordinal), "default", Cancel);

        // A server that has just started may answer 404 for a moment; then it is a list that shows the new object.
        await feed.Sink.WaitForAsync(l => l.StartsWith("upsert b ", StringComparison.Ordinal) || l.StartsWith("listed b ", StringComparison.Ordinal), "b");
        Assert.DoesNotContain(feed.Sink.Lines, l => l.StartsWith("delete", StringComparison.Ordinal));
    }

    private static KubernetesTransport Connect(IApiServer server) => new(server.CreateClientConfiguration());

    private static FeedOptions Options(RealCluster cluster) => RunningFeed.Impatient with { Namespace = cluster.Namespace };

    private static string Line(string verb, Resources.NangoIntegration item) =>
        $"{verb} {item.Metadata.Name} {item.Metadata.Uid} {item.Metadata.ResourceVersion}";
}
