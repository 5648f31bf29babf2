using System.Net;
using NangoOrleans.Resources;
using NangoOrleans.Scenarios.World;

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
        Assert.Equal("POST 200, DELETE 200", string.Join(", ", world.Nango.Journal.Entries().Where(e => e.Method != "GET").Select(e => $"{e.Method} {e.Status}")));
    }
}
