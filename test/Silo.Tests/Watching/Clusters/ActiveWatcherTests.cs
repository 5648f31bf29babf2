using NangoOrleans.Environments;
using NangoOrleans.Integrations;
using NangoOrleans.Nango;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Watching.Clusters;

/// <summary>Three silos, one of which watches, and what the others know by it.</summary>
public sealed class ActiveWatcherTests(SharedApiServer server)
{
    private const string Retry = "retry";

    // A silo that stood still for so long may have given up watching, as it should.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(4);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public Task Claims_and_reminders_are_known_on_all_silos_or_on_none() => SteadyMachine.RunAsync(Stall, KnowAsync, Ct);

    private async Task KnowAsync()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        await cluster.ApplyAsync("waiting", "waiting");
        var due = await cluster.LetWaitAsync("waiting", SiloCluster.In(TimeSpan.FromMinutes(15)));
        foreach (var silo in cluster.Silos)
        {
            Assert.False((await AskAsync(cluster, silo)).Known);
            await Assert.ThrowsAnyAsync<InvalidOperationException>(() => silo.Reminders.ReadRows(0, 0, Ct));
            Assert.False(silo.IsReady);
        }

        await cluster.ElectAsync(cluster.Silos[1]);

        Assert.Equal(cluster.Silos[1].Address, await cluster.ReadHolderAsync());
        foreach (var silo in cluster.Silos)
        {
            await SiloCluster.UntilAsync(async () => (await AskAsync(cluster, silo)).Known);
            Assert.Equal(new IntegrationKey(cluster.Namespace, "waiting"), (await AskAsync(cluster, silo)).Owner);
            // The grain, once woken, sets its reminder anew, and Orleans then counts from its own, later clock.
            Assert.InRange(Assert.Single((await silo.Reminders.ReadRows(0, 0, Ct)).Reminders).StartAt, due.UtcDateTime.AddSeconds(-1), due.UtcDateTime.AddSeconds(10));
            await SiloCluster.UntilAsync(() => silo.IsReady);
        }

        Assert.Single(cluster.Silos, silo => silo.Watcher.Term is not null);
    }

    [Fact]
    public async Task A_grain_writes_and_removes_its_reminder_on_a_silo_that_does_not_watch()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 2);
        await cluster.ElectAsync(cluster.Silos[0]);
        var table = cluster.Silos[1].Reminders;
        await SiloCluster.UntilAsync(async () => (await AskAsync(cluster, cluster.Silos[1])).Known);
        var grain = GrainId.Create("nango-integration", $"{cluster.Namespace}/one");

        var etag = await table.UpsertRow(new ReminderEntry { GrainId = grain, ReminderName = Retry, StartAt = DateTime.UnixEpoch, Period = TimeSpan.FromMinutes(1) }, Ct);

        Assert.Equal(etag, (await table.ReadRow(grain, Retry, Ct))?.ETag);
        Assert.Single((await table.ReadRows(0, 0, Ct)).Reminders);
        Assert.True(await table.RemoveRow(grain, Retry, etag!, Ct));
        Assert.Empty((await table.ReadRows(0, 0, Ct)).Reminders);
    }

    [Fact]
    public async Task After_a_clean_stop_another_silo_is_handed_the_watch_and_nothing_is_done_twice()
    {
        const int Count = 60;
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        await cluster.ElectAsync(cluster.Silos[1]);
        var (active, others) = (cluster.Silos[1], new[] { cluster.Silos[0], cluster.Silos[2] });
        for (var i = 0; i < Count / 2; i++) await cluster.ApplyAsync($"r{i}", $"key-{i}");

        var stopping = cluster.StopAsync(active);
        var began = TimeProvider.System.GetTimestamp();
        var next = await SiloCluster.UntilWatchedByAsync(others);
        var (gap, wasHandedOver) = (TimeProvider.System.GetElapsedTime(began), next.Election.WasHandedOver);
        await stopping;
        for (var i = Count / 2; i < Count; i++) await cluster.ApplyAsync($"r{i}", $"key-{i}");

        await cluster.UntilAllReadyAsync(Count);
        TestContext.Current.SendDiagnosticMessage("Watched again after {0:0.0} s", gap.TotalSeconds);
        // Three seconds where the machine has a core to spare; and the Lease was given back, not left to run out.
        Assert.InRange(gap, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.True(wasHandedOver);
        Assert.Equal(next.Address, await cluster.ReadHolderAsync());
        Assert.Equal(Count, cluster.Nango.Journal.Entries(method: "POST").Count(call => call.Status == 200));
        Assert.Equal(Count, cluster.Nango.State.Environment().Count);
    }

    [Fact]
    public Task A_silo_that_is_cut_off_from_the_api_server_knows_nothing_before_another_takes_over() => SteadyMachine.RunAsync(Stall, CutOffAsync, Ct);

    private async Task CutOffAsync()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        await cluster.ApplyAsync("slack", "slack");
        await cluster.ElectAsync(cluster.Silos[1]);
        var active = cluster.Silos[1];
        await cluster.UntilAllReadyAsync(1);

        active.Proxy.TakeDown();
        var began = TimeProvider.System.GetTimestamp();
        await SiloCluster.UntilAsync(() => active.Watcher.Term is null);
        Assert.DoesNotContain(cluster.Silos, silo => silo.Watcher.Term is not null);
        var next = await SiloCluster.UntilWatchedByAsync(cluster.Silos[0], cluster.Silos[2]);
        TestContext.Current.SendDiagnosticMessage("Watched again after {0:0.0} s", TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        active.Proxy.BringUp();

        // It is told by the Lease whom to ask.
        await SiloCluster.UntilAsync(async () => active.Election.Holder == next.Address && (await AskAsync(cluster, active)).Known);
        await cluster.ApplyAsync("github", "github");
        await cluster.UntilAllReadyAsync(2);
        Assert.Equal(2, cluster.Nango.Journal.Entries(method: "POST").Count);
        Assert.True(active.IsReady);
    }

    [Fact]
    public Task Two_watchers_at_once_do_nothing_twice() => SteadyMachine.RunAsync(Stall, WatchAtOnceAsync, Ct);

    private async Task WatchAtOnceAsync()
    {
        const int Count = 80;
        await using var cluster = await SiloCluster.StartAsync(server, 2);
        await cluster.ElectAsync(cluster.Silos[0]);
        var third = await cluster.AddSiloAsync();
        third.Election.Usurp();
        await SiloCluster.UntilAsync(() => third.Watcher.Term?.Index.IsComplete == true);

        await Parallel.ForAsync(0, Count, Ct, async (i, _) => await cluster.ApplyAsync($"r{i}", $"key-{i}"));
        await cluster.UntilAllReadyAsync(Count);

        Assert.NotNull(cluster.Silos[0].Watcher.Term);
        await SiloCluster.UntilAsync(() => third.Watcher.Term!.Index.Count == Count);
        Assert.Equal(Count, cluster.Nango.Journal.Entries(method: "POST").Count);
        Assert.Empty(cluster.Nango.Journal.Entries(method: "PATCH"));
        Assert.Empty(cluster.Nango.Journal.Entries(method: "DELETE"));
    }

    [Fact]
    public async Task Five_hundred_reminders_survive_the_loss_of_the_silo_that_watches()
    {
        const int Count = 500;
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        await Parallel.ForAsync(0, Count, Ct, async (i, _) => await cluster.ApplyAsync($"r{i}", $"key-{i}"));
        // Long enough for all that comes before, on a slow machine too.
        var due = SiloCluster.In(TimeSpan.FromMinutes(5));
        await Parallel.ForAsync(0, Count, Ct, async (i, _) => await cluster.LetWaitAsync($"r{i}", due));
        await cluster.ElectAsync(cluster.Silos[1]);
        await UntilAllRemindersAsync(cluster.Silos[0], Count);

        await cluster.StopAsync(cluster.Silos[1]);

        foreach (var silo in cluster.Silos) await UntilAllRemindersAsync(silo, Count);
        Assert.Empty(cluster.Nango.Journal.Entries(method: "POST"));
        await cluster.UntilAllReadyAsync(Count);
        var posted = cluster.Nango.Journal.Entries(method: "POST");
        Assert.Equal(Count, posted.Count);
        Assert.All(posted, call => Assert.True(call.Time >= due));
    }

    [Fact]
    public async Task What_nango_holds_is_listed_for_a_watcher_on_another_silo_too()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 2);
        await cluster.ElectAsync(cluster.Silos[0]);
        await cluster.ApplyAsync("slack", "slack");
        await cluster.UntilAllReadyAsync(1);
        var environment = (string)(await cluster.ListAsync())[0]["status"]!["environment"]!["key"]!;
        var credential = EnvironmentCredential.Default(cluster.Silos[0].Get<INangoAccess>().CheckBaseUrl(null).BaseUrl!, cluster.Namespace);

        // The grain is on one of the two.
        foreach (var silo in cluster.Silos)
        {
            var listing = await silo.Get<IGrainFactory>().GetGrain<INangoEnvironmentGrain>(environment).List(credential);
            Assert.Equal("slack", Assert.Single(listing.Integrations!).UniqueKey);
        }
    }

    private static Task UntilAllRemindersAsync(TestSilo silo, int count) => SiloCluster.UntilAsync(async () =>
    {
        try
        {
            // Known completely, or not at all.
            var rows = (await silo.Reminders.ReadRows(0, 0, Ct)).Reminders.Count;
            Assert.Equal(count, rows);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    });

    private static ValueTask<ClaimAnswer> AskAsync(SiloCluster cluster, TestSilo silo) =>
        silo.Claims.FindOwnerAsync(new ClaimQuery(new IntegrationKey("another", "one"), silo.Get<INangoAccess>().CheckBaseUrl(null).BaseUrl!, "waiting", SiloCluster.EnvironmentKey), Ct);
}
