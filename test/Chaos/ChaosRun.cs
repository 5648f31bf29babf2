using System.Globalization;

namespace NangoOrleans.Chaos;

/// <summary>One run: the plan is drawn and done, then everything must come to rest, and then every resource must still answer.</summary>
public static class ChaosRun
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Runs a plan to its verdict.</summary>
    /// <param name="options">What is run.</param>
    /// <param name="patience">How long everything may take to come to rest.</param>
    /// <param name="logFolder">Where the silos' logs are kept; null for nowhere.</param>
    /// <param name="say">Told what happens.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<ChaosReport> RunAsync(ChaosOptions options, TimeSpan patience, string? logFolder, Action<string> say, CancellationToken ct)
    {
        var plan = ChaosPlan.Draw(options);
        await using var world = await ChaosWorld.StartAsync(ct);
        var logs = new SiloLogs(logFolder, say);
        await using var silos = new SiloSet(new SiloBuilds(name => world.SiloEnvironment(name, options.Silos > 1), options.OtherSilo), logs);
        await silos.StartAsync(options.Silos, ct);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var tended = silos.TendAsync(over.Token);
        using var driver = new ResourceDriver(world.Api, plan);
        using var disruptor = new Disruptor(silos, world.Server, plan, say);
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(driver.RunAsync(started, ct), disruptor.RunAsync(started, ct));
        say("the plan is done");

        started = TimeProvider.System.GetTimestamp();
        var left = await SettleAsync(world, plan, patience, ct);
        TimeSpan? converged = left.Count == 0 ? TimeProvider.System.GetElapsedTime(started) : null;
        if (left.Count == 0) left = await CallTheRollAsync(world, plan, patience, ct);
        await over.CancelAsync();
        await tended;

        var calls = world.SeeCalls();
        return new(plan, [.. left, .. Verdict.OfJournal(plan, calls, driver.DeletedWhenCreated), .. logs.Violations], calls, await world.SeeWritesAsync(ct), converged, logs.EndedByThemselves);
    }

    /// <summary>Waits until nothing is left to complain of, or patience ends.</summary>
    private static async Task<IReadOnlyList<Violation>> SettleAsync(ChaosWorld world, ChaosPlan plan, TimeSpan patience, CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Violation[] left = [.. Verdict.OfState(plan, await world.SeeResourcesAsync(ct), world.SeeIntegrations())];
            if (left.Length == 0 || TimeProvider.System.GetElapsedTime(started) > patience) return left;
            await Task.Delay(LookEvery, TimeProvider.System, ct);
        }
    }

    /// <summary>A grain that hangs may look settled: so each is asked for a fresh look, which must be answered and must change nothing.</summary>
    private static async Task<IReadOnlyList<Violation>> CallTheRollAsync(ChaosWorld world, ChaosPlan plan, TimeSpan patience, CancellationToken ct)
    {
        var before = world.Nango.Journal.LastSeq;
        var request = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        await Parallel.ForEachAsync(
            plan.Fates.Where(f => f.Value.Revision is not null),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = ct },
            async (fate, token) => await world.Api.RequestReconcileAsync(fate.Key, request, token));
        var silent = await SettleAsync(world, plan, patience, ct);
        var writes = world.SeeCalls(before).Where(c => c.Method is "POST" or "PATCH" or "DELETE");
        return
        [
            .. silent.Select(v => v with { Rule = $"roll-call/{v.Rule}" }),
            .. writes.Select(c => new Violation("write-at-rest", c.Key, c.Seq, $"{c.Method} of a resource that was settled")),
        ];
    }
}
