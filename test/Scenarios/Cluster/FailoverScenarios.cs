using System.Net;
using System.Runtime.InteropServices;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing;

namespace NangoOrleans.Scenarios.Cluster;

/// <summary>The silo that watches is lost, among three processes.</summary>
public sealed class FailoverScenarios
{
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
}
