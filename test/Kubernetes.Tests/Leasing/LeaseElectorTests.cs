using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Kubernetes.Leasing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Leasing;

public sealed class LeaseElectorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{}", 1)]
    [InlineData("{holderIdentity: '', leaseDurationSeconds: 3600, leaseTransitions: 4}", 5)]
    public async Task Lease_without_a_holder_is_taken_at_once(string spec, int transitions)
    {
        await using var server = await DevelopmentApiServer.StartAsync(null, Cancel);
        await WriteAsync(server, spec);

        await using var a = Contender.Start(server, Contender.Quick("a", "default"));
        await a.LeadsAsync();

        Assert.Equal(transitions, a.Terms.Single().Number);
        Assert.Equal("a", a.Elector.Holder?.Identity);
    }

    [Fact]
    public async Task Dead_holder_is_followed_within_20_s_whatever_its_clock_said()
    {
        await using var server = await DevelopmentApiServer.StartAsync(null, Cancel);
        await WriteAsync(server, "{holderIdentity: dead, leaseDurationSeconds: 15, renewTime: '2999-01-01T00:00:00.000000Z', leaseTransitions: 7}");
        var time = new TimerClock();
        var start = time.GetUtcNow();
        var options = new LeaseOptions { Namespace = "default", Name = "watcher", Identity = "a" };

        await using var a = Contender.Start(server, options, time);
        await Until.TrueAsync(() => a.Elector.Holder?.Identity == "dead");
        await time.EndWaitsUntilAsync(options.RetryPeriod, () => a.Elector.IsHeld);
        await a.LeadsAsync();

        var term = a.Terms.Single();
        Assert.InRange((term.AcquiredAt - start).TotalSeconds, 15, 20);
        Assert.Equal(8, term.Number);
    }

    [Fact]
    public async Task Restart_under_the_same_identity_takes_over_at_once_and_is_no_transition()
    {
        await using var server = await DevelopmentApiServer.StartAsync(null, Cancel);
        await WriteAsync(server, "{holderIdentity: a, leaseDurationSeconds: 3600, acquireTime: '2020-01-01T00:00:00.000000Z', leaseTransitions: 7}");

        await using var a = Contender.Start(server, Contender.Quick("a", "default"), new FakeTimeProvider());
        await a.LeadsAsync();

        Assert.Equal(7, a.Terms.Single().Number);
    }

    [Fact]
    public async Task Elder_of_two_processes_with_one_identity_gives_way()
    {
        await using var server = await DevelopmentApiServer.StartAsync(null, Cancel);
        await using var elder = Contender.Start(server, Contender.Quick("a", "default"));
        await elder.LeadsAsync();

        await using var younger = Contender.Start(server, Contender.Quick("a", "default"));
        await younger.LeadsAsync();
        await elder.YieldedAsync();
        await Until.TrueAsync(() => elder.Elector.Holder?.Renewals >= 5);

        Assert.Single(elder.Terms);
        Assert.Single(younger.Terms);
    }

    [Fact]
    public async Task Term_ends_when_somebody_else_is_written_into_the_lease()
    {
        await using var server = await DevelopmentApiServer.StartAsync(null, Cancel);
        await using var a = Contender.Start(server, Contender.Quick("a", "default"));
        await a.LeadsAsync();

        await WriteAsync(server, "{holderIdentity: thief, leaseDurationSeconds: 3600}");
        await a.YieldedAsync();
        await a.StopAsync();

        Assert.Equal("thief", (await ReadAsync(server)).GetProperty("spec").GetProperty("holderIdentity").GetString());
    }

    [Fact]
    public async Task Labels_and_even_a_deletion_of_the_lease_do_not_end_the_term()
    {
        await using var server = await DevelopmentApiServer.StartAsync(null, Cancel);
        await using var a = Contender.Start(server, Contender.Quick("a", "default"));
        await a.LeadsAsync();

        await server.ApplyAsync("{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: watcher, labels: {team: x}}}", "default", Cancel);
        var seen = a.Elector.Holder!.Renewals;
        await Until.TrueAsync(() => a.Elector.Holder!.Renewals > seen + 2);
        Assert.Equal("x", (await ReadAsync(server)).GetProperty("metadata").GetProperty("labels").GetProperty("team").GetString());

        using (var client = new KubernetesTransport(((IApiServer)server).CreateClientConfiguration()))
            await client.SendAsync(new(HttpMethod.Delete, LeasePath, "leases"), static _ => true, Cancel);
        seen = a.Elector.Holder!.Renewals;
        await Until.TrueAsync(() => a.Elector.Holder!.Renewals > seen + 2);

        Assert.True(a.IsActive);
        Assert.Single(a.Terms);
        Assert.Equal("a", (await ReadAsync(server)).GetProperty("spec").GetProperty("holderIdentity").GetString());
    }

    [Fact]
    public async Task Work_that_ends_or_fails_gives_the_lease_back_and_competes_again()
    {
        await using var server = await DevelopmentApiServer.StartAsync(null, Cancel);
        var calls = 0;
        var handedOver = new bool[3];

        await using var a = Contender.Start(server, Contender.Quick("a", "default"), lead: (term, over) =>
        {
            handedOver[calls] = term.WasHandedOver;
            return Interlocked.Increment(ref calls) switch
            {
                1 => Task.CompletedTask,
                2 => throw new InvalidOperationException("made to fail"),
                _ => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, over),
            };
        });
        await Until.TrueAsync(() => Volatile.Read(ref calls) == 3 && a.Elector.IsHeld);

        Assert.Equal([false, true, true], handedOver);

        Assert.Equal(2, (await ReadAsync(server)).GetProperty("spec").GetProperty("leaseTransitions").GetInt32());
    }

    [Fact]
    public async Task Work_that_does_not_return_keeps_others_out_until_the_lease_runs_out()
    {
        await using var server = await DevelopmentApiServer.StartAsync(null, Cancel);
        var stuck = new TaskCompletionSource();
        await using var a = Contender.Start(server, Contender.Quick("a", "default") with { StopTimeout = TimeSpan.FromSeconds(1) }, lead: (_, _) => stuck.Task);
        await Until.TrueAsync(() => a.Elector.IsHeld);

        await a.StopAsync();
        stuck.SetResult();

        Assert.False(a.Elector.IsHeld);
        Assert.Equal("a", (await ReadAsync(server)).GetProperty("spec").GetProperty("holderIdentity").GetString());
    }

    [Fact]
    public async Task No_answer_of_the_api_server_ends_it()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        foreach (var (code, reason) in ((int, string)[])[(500, "InternalError"), (403, "Forbidden"), (401, "Unauthorized"), (410, "Expired"), (422, "Invalid")])
            server.Lists.Enqueue(answer => answer.StatusAsync(code, reason));
        server.Lists.Enqueue(answer => answer.PlainNotFoundAsync());
        server.Lists.Enqueue(answer => answer.TextAsync("<html>"));
        server.Lists.Enqueue(answer => answer.TextAsync("{}"));
        server.Lists.Enqueue(answer =>
        {
            answer.Reset();
            return Task.CompletedTask;
        });
        server.Lists.Enqueue(answer => answer.StatusAsync(404, "NotFound"));
        server.Lists.Enqueue(answer => answer.StatusAsync(409, "AlreadyExists"));
        server.Lists.Enqueue(answer => answer.StatusAsync(404, "NotFound"));
        server.Lists.Enqueue(answer => answer.TextAsync("""{"metadata":{"resourceVersion":"1"},"spec":{"holderIdentity":"a"}}"""));

        await using var a = new Contender(server.Connect(), Contender.Quick("a", "default"));
        await Until.TrueAsync(() => !a.Terms.IsEmpty);

        Assert.Equal(2, server.Requests.Count(r => r.Method == "POST"));
    }

    private const string LeasePath = "/apis/coordination.k8s.io/v1/namespaces/default/leases/watcher";

    private static async Task WriteAsync(DevelopmentApiServer server, string spec) => await server.ApplyAsync(
        "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: watcher}, spec: " + spec + "}", "default", Cancel);

    private static async Task<JsonElement> ReadAsync(IApiServer server)
    {
        using var transport = new KubernetesTransport(server.CreateClientConfiguration());
        return await transport.SendAsync(
            new(HttpMethod.Get, LeasePath, "leases"),
            static json =>
            {
                var reader = new Utf8JsonReader(json);
                return JsonElement.ParseValue(ref reader);
            },
            Cancel);
    }
}
