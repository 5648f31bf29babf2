using System.Globalization;
using System.Runtime.InteropServices;
using NangoOrleans.Chaos;
using NangoOrleans.Testing.ApiServers;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Scenarios.Cluster;

/// <summary>What an administrator does to a cluster of silos on purpose.</summary>
public sealed class RolloutScenarios
{
    // Longer than a sweep of the watcher, so that anything it would do afterwards is seen.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(40), Patience = TimeSpan.FromMinutes(5), LookEvery = TimeSpan.FromSeconds(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // ROLLOUT_RESOURCES=2000 for the size that the operator is held to.
    private static int Resources => int.TryParse(Environment.GetEnvironmentVariable("ROLLOUT_RESOURCES"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 200;

    [Fact]
    public async Task Scaling_from_one_silo_to_three_and_back_in_the_middle_of_a_storm_loses_nothing_and_duplicates_nothing()
    {
        Assert.SkipUnless(RealApiServer.IsAvailable, RealApiServer.SkipReason ?? "");
        await using var world = await ChaosWorld.StartAsync(Ct);
        await using var first = await StartAsync(world, "silo-0");
        using var scaled = new CancellationTokenSource();
        var storm = Task.Run(() => ApplyUntilAsync(world, scaled.Token), Ct);

        await using var second = await StartAsync(world, "silo-1");
        await using var third = await StartAsync(world, "silo-2");
        await StopAsync(first);
        await StopAsync(second);
        await scaled.CancelAsync();

        var plan = await storm;
        Assert.Empty(await SettleAsync(world, plan));
        Assert.Empty(Verdict.OfJournal(plan, world.SeeCalls(), new Dictionary<string, int>()));
        Assert.Equal(plan.Fates.Count, world.Nango.Journal.Count("POST", "/integrations", 200));
        TestContext.Current.SendDiagnosticMessage("{0} resources, {1}", plan.Fates.Count, Describe(world.SeeCalls()));
    }

    [Fact]
    public async Task Rolling_restart_of_three_silos_writes_nothing_and_lists_each_environment_at_most_once()
    {
        Assert.SkipUnless(RealApiServer.IsAvailable, RealApiServer.SkipReason ?? "");
        await using var world = await ChaosWorld.StartAsync(Ct);
        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => StartAsync(world, string.Create(CultureInfo.InvariantCulture, $"old-{i}"))));
        try
        {
            var plan = PlanOf(Resources);
            await Parallel.ForEachAsync(plan.Events, Parallelism, async (e, ct) => await world.Api.ApplyAsync(e.Name, e.Revision, ct));
            Assert.Empty(await SettleAsync(world, plan));
            await Task.Delay(Rest, TimeProvider.System, Ct);
            var (seq, versions) = (world.Nango.Journal.LastSeq, await VersionsAsync(world));

            for (var i = 0; i < silos.Length; i++)
            {
                // As a Deployment with maxUnavailable 0 does it: the new one is ready before an old one goes.
                var replacement = await StartAsync(world, string.Create(CultureInfo.InvariantCulture, $"new-{i}"));
                await StopAsync(silos[i]);
                await silos[i].DisposeAsync();
                silos[i] = replacement;
            }

            await Task.Delay(Rest, TimeProvider.System, Ct);
            var calls = world.SeeCalls(seq);
            TestContext.Current.SendDiagnosticMessage("{0} resources, calls after the restart: {1}", Resources, Describe(calls));
            Assert.DoesNotContain(calls, c => c.Method != "GET");
            Assert.InRange(world.Nango.Journal.Entries(seq).Count(e => e.Path == "/integrations"), 0, 1);
            Assert.DoesNotContain(calls, c => c.Key.Length > 0);
            Assert.Equal(versions, await VersionsAsync(world));
        }
        finally
        {
            foreach (var silo in silos) await silo.DisposeAsync();
        }
    }

    private static ParallelOptions Parallelism => new() { MaxDegreeOfParallelism = 8, CancellationToken = Ct };

    // With hours between two comparisons: none is due while the silos are exchanged, so none is a regular one; at most one may follow a hand-over.
    private static Task<SiloProcess> StartAsync(ChaosWorld world, string name) => SiloProcess.StartReadyAsync(
        new Dictionary<string, string?>(world.SiloEnvironment(name, isMember: true), StringComparer.Ordinal) { ["NangoOrleans__Resync__Interval"] = "24h" }, Ct);

    private static async Task StopAsync(SiloProcess silo)
    {
        silo.Send(PosixSignal.SIGTERM);
        Assert.Equal(0, await silo.WaitForExitAsync());
    }

    /// <summary>Applies one resource after the other until told that it is enough.</summary>
    private static async Task<ChaosPlan> ApplyUntilAsync(ChaosWorld world, CancellationToken enough)
    {
        var applied = 0;
        while (!enough.IsCancellationRequested || applied < Resources)
        {
            await world.Api.ApplyAsync(NameOf(applied++), 1, Ct);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        }

        return PlanOf(applied);
    }

    private static ChaosPlan PlanOf(int resources) => new(
        new() { Seed = 0, Resources = resources },
        [.. Enumerable.Range(0, resources).Select(i => new ResourceEvent(TimeSpan.Zero, NameOf(i), ResourceAction.Apply, 1))],
        []);

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"rollout-{number:D5}");

    private static async Task<IReadOnlyList<Violation>> SettleAsync(ChaosWorld world, ChaosPlan plan)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Violation[] left = [.. Verdict.OfState(plan, await world.SeeResourcesAsync(Ct), world.SeeIntegrations())];
            if (left.Length == 0 || TimeProvider.System.GetElapsedTime(started) > Patience) return left;
            await Task.Delay(LookEvery, TimeProvider.System, Ct);
        }
    }

    private static async Task<IReadOnlyList<string>> VersionsAsync(ChaosWorld world) =>
        [.. (await world.Api.ListAsync(Ct)).Select(r => $"{r["metadata"]!["name"]} {r["metadata"]!["resourceVersion"]}")];

    private static string Describe(IEnumerable<Call> calls) => string.Join(", ", calls
        .GroupBy(c => (c.Method, c.Status, IsAboutOne: c.Key.Length > 0))
        .Select(g => $"{g.Count().ToString(CultureInfo.InvariantCulture)} {g.Key.Method}{(g.Key.IsAboutOne ? " of one" : "")} {g.Key.Status?.ToString(CultureInfo.InvariantCulture)}"));
}
