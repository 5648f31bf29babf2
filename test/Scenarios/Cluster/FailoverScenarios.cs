using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Scenarios.Cluster;

/// <summary>The silo that watches is lost, among three processes.</summary>
public sealed class FailoverScenarios
{
    private const string Namespace = OperatorAccount.Namespace, Lease = "nango-integration-operator-watcher";

    private const int Count = 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_sigkill_another_silo_watches_and_every_resource_is_created_once()
    {
        await using var silos = await ThreeSilos.StartAsync();
        var active = await silos.ActiveAsync();
        await silos.ApplyAsync(0, Count);

        await active.KillAsync();
        var gap = await silos.UntilWatchedAgainAsync(active);
        await silos.ApplyAsync(Count, 2 * Count);

        await silos.World.UntilAllAsync(2 * Count, status => status.IsReady, Cancel);
        Assert.Equal(2 * Count, silos.World.Nango.State.Environment().Count);
        Assert.Equal(2 * Count, silos.World.Nango.Journal.Entries(method: "POST").Count(call => call.Status == 200));
        // 15 s of the Lease, 2 s until somebody looks, and a list; the rest is for a machine that others use, too.
        Assert.InRange(gap, TimeSpan.Zero, TimeSpan.FromSeconds(45));
        foreach (var silo in silos.But(active)) Assert.Equal(HttpStatusCode.OK, await ThreeSilos.AskReadinessAsync(silo));
    }

    [Fact]
    public async Task After_sigterm_another_silo_watches_at_once()
    {
        await using var silos = await ThreeSilos.StartAsync();
        var active = await silos.ActiveAsync();
        await silos.ApplyAsync(0, Count);

        active.Send(PosixSignal.SIGTERM);
        var gap = await silos.UntilWatchedAgainAsync(active);
        await silos.ApplyAsync(Count, 2 * Count);

        Assert.Equal(0, await active.WaitForExitAsync());
        await silos.World.UntilAllAsync(2 * Count, status => status.IsReady, Cancel);
        Assert.Equal(2 * Count, silos.World.Nango.Journal.Entries(method: "POST").Count);
        // A second where the machine has a core to spare; and the Lease was given back, not left to run out.
        Assert.InRange(gap, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Contains(active.Output, line => line.Contains("\"EventId\":3208,", StringComparison.Ordinal));
    }

    [Fact]
    public Task A_silo_that_hangs_for_longer_than_its_term_does_not_watch_when_it_wakes() =>
        // Where all hang for so long, whoever wakes first may have it.
        SteadyMachine.RunAsync(TimeSpan.FromSeconds(5), HangAsync, Cancel);

    private static async Task HangAsync()
    {
        await using var silos = await ThreeSilos.StartAsync();
        var active = await silos.ActiveAsync();
        await silos.ApplyAsync(0, Count);

        await active.FreezeAsync(Cancel);
        await silos.UntilWatchedAgainAsync(active);
        await active.ThawAsync(Cancel);
        await silos.ApplyAsync(Count, 2 * Count);

        await silos.World.UntilAllAsync(2 * Count, status => status.IsReady, Cancel);
        Assert.Equal(2 * Count, silos.World.Nango.State.Environment().Count);
        Assert.Equal(2 * Count, silos.World.Nango.Journal.Entries(method: "POST").Count(call => call.Status == 200));
        Assert.NotEqual(ThreeSilos.PortOf(active), await silos.ReadHolderAsync());
    }

    [Fact]
    public async Task After_all_silos_died_at_once_new_ones_under_other_names_take_over()
    {
        await using var silos = await ThreeSilos.StartAsync();
        await silos.ApplyAsync(0, Count);
        await silos.World.UntilAllAsync(Count, status => status.IsReady, Cancel);

        await silos.KillAllAsync();
        await silos.ApplyAsync(Count, 2 * Count);
        var began = TimeProvider.System.GetTimestamp();
        // Nobody is left who could declare the dead ones dead, and their rows still say Active.
        await using var newcomer = await silos.World.StartMemberAsync("silo-4", Cancel);
        TestContext.Current.SendDiagnosticMessage("A newcomer is ready after {0:0.0} s", TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        await using var another = await silos.World.StartMemberAsync("silo-5", Cancel);

        await silos.World.UntilAllAsync(2 * Count, status => status.IsReady, Cancel);
        Assert.Equal(2 * Count, silos.World.Nango.Journal.Entries(method: "POST").Count(call => call.Status == 200));
    }

    private sealed class ThreeSilos(OperatorWorld world, SiloProcess second, SiloProcess third, HttpClient client) : IAsyncDisposable
    {
        public OperatorWorld World => world;

        public static async Task<ThreeSilos> StartAsync()
        {
            var world = await OperatorWorld.StartAsync(
                ServerKind.Real, Cancel, [.. SiloProcess.MemberEnvironment("silo-1", Namespace).Select(pair => (pair.Key, pair.Value!))]);
            return new ThreeSilos(world, await world.StartMemberAsync("silo-2", Cancel), await world.StartMemberAsync("silo-3", Cancel), world.Server.CreateHttpClient());
        }

        public Task KillAllAsync() => Task.WhenAll(world.Silo.KillAsync(), second.KillAsync(), third.KillAsync());

        public static int PortOf(SiloProcess silo) => silo.ReadPorts()["silo"];

        public IEnumerable<SiloProcess> But(SiloProcess one) => new[] { world.Silo, second, third }.Where(silo => silo != one);

        public async Task<SiloProcess> ActiveAsync()
        {
            var holder = await ReadHolderAsync();
            return new[] { world.Silo, second, third }.Single(silo => PortOf(silo) == holder);
        }

        public async Task ApplyAsync(int from, int to)
        {
            for (var i = from; i < to; i++) await world.ApplyAsync(Manifest.Slack($"slack-{i}", $"key-{i}"), Cancel);
        }

        /// <summary>Waits until another silo has listed everything.</summary>
        /// <returns>How long that took.</returns>
        public async Task<TimeSpan> UntilWatchedAgainAsync(SiloProcess lost)
        {
            var began = TimeProvider.System.GetTimestamp();
            await world.UntilAsync(() => But(lost).Any(silo => silo.Output.Any(line => line.Contains("\"EventId\":2001,", StringComparison.Ordinal))), Cancel);
            var gap = TimeProvider.System.GetElapsedTime(began);
            TestContext.Current.SendDiagnosticMessage("Watched again after {0:0.0} s", gap.TotalSeconds);
            return gap;
        }

        public static async Task<HttpStatusCode> AskReadinessAsync(SiloProcess silo)
        {
            using var http = new HttpClient();
            using var answer = await http.GetAsync(new Uri(silo.Http, "/readyz"), Cancel);
            return answer.StatusCode;
        }

        /// <summary>The port of the silo that the Lease names.</summary>
        public async Task<int> ReadHolderAsync()
        {
            var lease = JsonNode.Parse(await client.GetStringAsync($"apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases/{Lease}", Cancel))!;
            return int.Parse(((string)lease["spec"]!["holderIdentity"]!).Split('@')[0].Split(':')[1], CultureInfo.InvariantCulture);
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            await second.DisposeAsync();
            await third.DisposeAsync();
            await world.DisposeAsync();
        }
    }
}
