using System.Diagnostics;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Leasing;

public sealed class LeaseElectorRealServerTests(SharedApiServer servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopped_holder_hands_over_before_its_lease_runs_out_at_the_default_times()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var a = Contender.Start(cluster.Server, new() { Namespace = cluster.Namespace, Name = "watcher", Identity = "a" });
        await a.LeadsAsync();
        await using var b = Contender.Start(cluster.Server, new() { Namespace = cluster.Namespace, Name = "watcher", Identity = "b" });
        await Until.TrueAsync(() => b.Elector.Holder?.Identity == "a");

        var watch = Stopwatch.StartNew();
        await a.StopAsync();
        await b.LeadsAsync();

        TestContext.Current.SendDiagnosticMessage("Hand-over after {0:F1} s", watch.Elapsed.TotalSeconds);
        var term = b.Terms.Single();
        Assert.True(term.WasHandedOver);
        Assert.Equal(1, term.Number);
        Assert.False(a.IsActive);
    }

    [Fact]
    public async Task Lost_answers_cost_no_term()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        var creation = proxy.DropAnswerOfNextWrite(r => r is { Verb: "create", Resource: "leases" });
        var renewal = proxy.DropAnswerOfNextWrite(r => r is { Verb: "patch", Resource: "leases" });

        await using var a = Contender.Start(proxy, Contender.Quick("a", cluster.Namespace));
        await a.LeadsAsync();
        await Task.WhenAll(creation, renewal).WaitAsync(Cancel);
        var release = proxy.DropAnswerOfNextWrite(r => r is { Verb: "patch", Resource: "leases" });
        await release.WaitAsync(Cancel);
        var seen = a.Elector.Holder!.Renewals;
        await Until.TrueAsync(() => a.Elector.Holder!.Renewals > seen + 2);

        Assert.Equal(0, a.Terms.Single().Number);
        await a.StopAsync();
        var lease = await cluster.ReadAsync($"/apis/coordination.k8s.io/v1/namespaces/{cluster.Namespace}/leases/watcher");
        Assert.True(!lease.GetProperty("spec").TryGetProperty("holderIdentity", out var holder) || holder.GetString()!.Length == 0);
    }

    [Fact]
    public async Task Restart_of_the_api_server_within_the_deadline_costs_no_term()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        await using var server = await RealApiServer.StartAsync(Cancel);
        await using var a = Contender.Start(server, Contender.Quick("a", "default", seconds: 240));
        await a.LeadsAsync();

        await server.RestartAsync(Cancel);
        var seen = a.Elector.Holder!.Renewals;
        await Until.TrueAsync(() => a.Elector.Holder!.Renewals > seen);

        Assert.True(a.IsActive);
        Assert.Single(a.Terms);
    }

    [Fact]
    public async Task Holder_without_a_connection_stops_before_another_begins()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxyOfA = await FaultProxy.StartAsync(cluster.Server, Cancel);
        await using var proxyOfB = await FaultProxy.StartAsync(cluster.Server, Cancel);
        await using var a = Contender.Start(proxyOfA, Contender.Quick("a", cluster.Namespace, seconds: 8));
        await Until.TrueAsync(() => a.IsActive);
        await using var b = Contender.Start(proxyOfB, Contender.Quick("b", cluster.Namespace, seconds: 8));
        await Until.TrueAsync(() => b.Elector.Holder is not null);
        var both = 0;

        for (var round = 0; round < 2; round++)
        {
            // A stall of some seconds may have cost one a term, or led to the other.
            await Until.TrueAsync(() => a.IsActive != b.IsActive);
            var (proxy, loser, winner) = a.IsActive ? (proxyOfA, a, b) : (proxyOfB, b, a);
            proxy.TakeDown();
            await Until.TrueAsync(() =>
            {
                if (a.IsActive && b.IsActive) both++;
                return winner.IsActive;
            });
            Assert.False(loser.Elector.IsHeld);
            proxy.BringUp();
            await Until.TrueAsync(() => loser.Elector.Holder?.Identity == winner.Elector.Holder?.Identity);
        }

        Assert.Equal(0, both);
        var terms = a.Terms.Select(t => (By: a, t.AcquiredAt, t.Number)).Concat(b.Terms.Select(t => (By: b, t.AcquiredAt, t.Number))).OrderBy(t => t.AcquiredAt).ToList();
        Assert.Equal(0, terms[0].Number);
        Assert.All(terms.Zip(terms.Skip(1)), pair => Assert.True(
            pair.First.By == pair.Second.By ? pair.First.Number <= pair.Second.Number : pair.First.Number < pair.Second.Number, string.Join(", ", terms.Select(t => t.Number))));
    }
}
