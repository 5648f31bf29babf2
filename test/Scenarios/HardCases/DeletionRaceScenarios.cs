using System.Net;
using NangoOrleans.Resources;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Scenarios.HardCases;

/// <summary>
/// A DELETE that looked at the finalizers before the operator's was put on, and removes the object afterwards: to both the API server says 200
/// (kubernetes/kubernetes#77988). Each step is held until the other side has done its own, so the race is lost in every run.
/// </summary>
public sealed class DeletionRaceScenarios
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deletion_that_overtakes_the_finalizer_leaves_nothing_in_Nango()
    {
        await using var world = await OperatorWorld.StartAsync(ServerKind.Real, Ct);
        await using var deletions = await HeldDeletions.StartAsync(world.Server, Ct);
        var finalizer = world.Proxy.Hold(request => request is { Verb: "patch", Resource: "nangointegrations" });
        // What is written once it is there; not what may have been told before.
        var report = world.Proxy.Hold(request => request is { IsWrite: true, Resource: "nangointegrations/status" } && world.Nango.State.Environment().Count > 0);

        await world.ApplyAsync(Manifest.Slack("overtaken", "overtaken-key"), Ct);
        await finalizer.UntilHeldAsync(Ct);
        var deletion = world.DeleteAsync("overtaken", Ct);
        await deletions.UntilHeldAsync(Ct);

        finalizer.Release();
        await report.UntilHeldAsync(Ct);
        Assert.Empty(deletions.Abandoned);
        var doomed = (await world.GetAsync("overtaken", Ct))!["metadata"]!;
        Assert.Equal(HttpStatusCode.OK, Assert.Single(finalizer.Answers));
        Assert.Contains(doomed["finalizers"]!.AsArray(), one => (string?)one == NangoApi.Finalizer);
        Assert.Null(doomed["deletionTimestamp"]);
        Assert.Empty(deletions.Abandoned);

        deletions.Release();
        await deletion;
        Assert.True(
            await world.GetAsync("overtaken", Ct) is null,
            "The DELETE has respected a finalizer that it could not have seen: kubernetes/kubernetes#77988 is mended in this API server, so what is tested here no longer happens on it.");
        report.Release();

        await world.UntilAsync(() => world.Nango.State.Environment().Count == 0, Ct);
        Assert.Equal(HttpStatusCode.NotFound, report.Answers[0]);
        // Nango forgets first and then writes its answer down.
        await world.UntilAsync(() => string.Join(", ", world.Nango.Journal.Entries().Where(e => e.Method != "GET").Select(e => $"{e.Method} {e.Status}")) == "POST 200, DELETE 200", Ct);
    }

    [Fact]
    public async Task A_deletion_that_is_carried_out_after_the_report_leaves_nothing_either()
    {
        await using var world = await OperatorWorld.StartAsync(ServerKind.Real, Ct);

        await OvertakeAsync(world, 10);

        await world.UntilAsync(() => world.Nango.State.Environment().Count == 0, Ct);
        Assert.Equal(10, world.Nango.Journal.Entries(method: "POST").Count);
        Assert.Equal(10, world.Nango.Journal.Entries(method: "DELETE").Count);
        await world.UntilEventAsync("doomed-0", told => (string?)told["reason"] == "Deleted", Ct);
    }

    [Fact]
    public async Task What_a_silo_had_yet_to_remove_is_removed_by_others_when_it_is_killed()
    {
        const int Count = 12;
        await using var silos = await ThreeSilos.StartAsync();
        var world = silos.World;

        await OvertakeAsync(world, Count, () => world.Nango.Faults.Add("server-error", method: "GET", path: "/integrations/"));
        // Each is known to the two silos that do not have it.
        await world.UntilAsync(async () => (await Task.WhenAll(silos.All.Select(silo => silo.ReadMetricAsync("nango_leftovers_witnessed", Ct)))).Sum() == 2 * Count, Ct);
        var busiest = silos.All.MaxBy(HeldBy)!;
        Assert.NotEqual(0, HeldBy(busiest));
        await busiest.KillAsync();
        world.Nango.Faults.Clear();

        await world.UntilAsync(() => world.Nango.State.Environment().Count == 0, Ct);
        await world.UntilAsync(() => world.Nango.Journal.Entries(method: "DELETE").Count(call => call.Status == 200) == Count, Ct);
        await world.UntilAsync(async () => (await Task.WhenAll(silos.But(busiest).Select(silo => silo.ReadMetricAsync("nango_leftovers_witnessed", Ct)))).Sum() == 0, Ct);
    }

    [Fact]
    public async Task A_resource_that_is_merely_not_selected_any_more_keeps_its_integration()
    {
        await using var world = await OperatorWorld.StartAsync(
            ServerKind.Real, Ct, ("NangoOrleans__Watch__LabelSelector", "shard=one"), ("Logging__LogLevel__NangoOrleans", "Debug"));
        await world.ApplyAsync(Manifest.Slack("moving", "moving-key"), Ct);
        await world.PatchAsync("moving", """{"metadata": {"labels": {"shard": "one"}}}""", Ct);
        await world.UntilAllAsync(1, status => status.IsReady, Ct);

        await world.PatchAsync("moving", """{"metadata": {"labels": {"shard": "two"}}}""", Ct);

        // The grain has looked, and found that it is still there.
        await world.Silo.UntilOutputAsync("\"EventId\":1010,", Ct);
        Assert.NotNull(world.Nango.State.Environment().Find("moving-key"));
        Assert.Empty(world.Nango.Journal.Entries(method: "DELETE"));
        Assert.Contains(NangoApi.Finalizer, (await world.GetAsync("moving", Ct))!["metadata"]!["finalizers"]!.AsArray().Select(one => (string)one!));
    }

    /// <summary>Resources whose DELETE began before our finalizer was on and ends after they were reported: gone, and all in Nango.</summary>
    private static async Task OvertakeAsync(OperatorWorld world, int count, Action? beforeTheyGo = null)
    {
        await using var deletions = await HeldDeletions.StartAsync(world.Server, Ct);
        var finalizers = world.Proxy.Hold(request => request is { Verb: "patch", Resource: "nangointegrations" });
        for (var i = 0; i < count; i++) await world.ApplyAsync(Manifest.Slack($"doomed-{i}", $"doomed-{i}"), Ct);
        await finalizers.UntilHeldAsync(Ct);
        var deleted = Task.WhenAll(Enumerable.Range(0, count).Select(i => world.DeleteAsync($"doomed-{i}", Ct)));
        await deletions.UntilHeldAsync(Ct, count);
        finalizers.Release();
        await world.UntilAsync(async () => deletions.Abandoned.Count > 0 || (await world.ListAsync(Ct)).Count(one => new Status(one).IsReady) == count, Ct);
        // Whether the API server waited for all of them is what the rest relies on.
        Assert.Empty(deletions.Abandoned);
        beforeTheyGo?.Invoke();
        deletions.Release();
        await deleted;
        Assert.Empty(await world.ListAsync(Ct));
    }

    private static int HeldBy(SiloProcess silo) => silo.Output.Count(line => line.Contains("\"EventId\":1006,", StringComparison.Ordinal));
}
