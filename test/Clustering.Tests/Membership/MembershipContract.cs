using System.Net;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServers;
using Orleans.Runtime;

namespace NangoOrleans.Clustering.Tests.Membership;

/// <summary>What Orleans relies on in a membership table; the cases of its own test base, said again for ours.</summary>
public abstract class MembershipContract
{
    internal abstract Task<MembershipTables> StartAsync();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_table_is_empty_and_has_a_version()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();

        var data = await table.ReadAllAsync();

        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
        Assert.NotNull(data.Version.VersionEtag);
    }

    [Fact]
    public async Task A_row_is_inserted_once_and_moves_the_version_by_one()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        var (entry, next) = (MembershipTables.NewEntry(), (await table.ReadAllAsync()).Version.Next());

        Assert.True(await table.InsertRowAsync(entry, next));

        var after = await table.ReadAllAsync();
        Assert.Equal(1, after.Version.Version);
        Assert.False(await table.InsertRowAsync(entry, after.Version.Next()), "the row is there already");
        Assert.False(await table.InsertRowAsync(MembershipTables.NewEntry(), next), "the version has moved on");
        Assert.Equal(1, (await table.ReadAllAsync()).Version.Version);
    }

    [Fact]
    public async Task A_row_is_read_as_it_was_written()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        var entry = MembershipTables.NewEntry(IPAddress.Parse("fd00::17"));
        entry.SuspectTimes = [Tuple.Create(MembershipTables.NewEntry().SiloAddress, entry.StartTime.AddTicks(-1234567))];
        await table.InsertAsync(MembershipTables.NewEntry());

        await table.InsertAsync(entry);

        var read = await tables.Open().ReadRowAsync(entry.SiloAddress);
        var (found, etag) = Assert.Single(read.Members);
        Assert.Equal(entry.ToFullString(), found.ToFullString());
        Assert.Equal(entry.SuspectTimes[0].Item2.Ticks, found.SuspectTimes![0].Item2.Ticks);
        Assert.Equal((entry.StartTime, entry.RoleName, entry.ProxyPort, entry.UpdateZone, entry.FaultZone), (found.StartTime, found.RoleName, found.ProxyPort, found.UpdateZone, found.FaultZone));
        Assert.Equal((2, "2"), (read.Version.Version, etag));
    }

    [Fact]
    public async Task An_unknown_row_is_read_as_none_with_the_version()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        await table.InsertAsync(MembershipTables.NewEntry());

        var read = await table.ReadRowAsync(MembershipTables.NewEntry().SiloAddress);

        Assert.Empty(read.Members);
        Assert.Equal(1, read.Version.Version);
    }

    [Fact]
    public async Task All_rows_are_read_with_the_etag_of_their_last_change()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        MembershipEntry[] entries = [.. Enumerable.Range(0, 3).Select(_ => MembershipTables.NewEntry())];
        foreach (var entry in entries) await table.InsertAsync(entry);

        var read = await table.ReadAllAsync();

        Assert.Equal(entries.Select(e => e.ToFullString()), read.Members.Select(m => m.Item1.ToFullString()));
        Assert.Equal(["1", "2", "3"], read.Members.Select(m => m.Item2));
    }

    [Fact]
    public async Task A_row_is_updated_only_with_its_etag_and_the_table_s_version()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        var entry = MembershipTables.NewEntry();
        await table.InsertAsync(entry);
        var before = await table.ReadAllAsync();
        entry.Status = SiloStatus.Active;

        Assert.True(await table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next()));

        var after = await table.ReadAllAsync();
        entry.Status = SiloStatus.Dead;
        Assert.False(await table.UpdateRowAsync(entry, before.Members[0].Item2, after.Version.Next()), "stale etag");
        Assert.False(await table.UpdateRowAsync(entry, after.Members[0].Item2, before.Version.Next()), "stale version");
        Assert.False(await table.UpdateRowAsync(MembershipTables.NewEntry(), after.Members[0].Item2, after.Version.Next()), "no such row");
        var last = await table.ReadAllAsync();
        Assert.Equal((2, SiloStatus.Active), (last.Version.Version, last.Members[0].Item1.Status));
    }

    [Fact]
    public async Task Parallel_updates_all_succeed_in_the_end_and_each_moves_the_version()
    {
        const int Silos = 19;
        await using var tables = await StartAsync();
        await tables.InitializeAsync();
        var lost = 0;

        await Task.WhenAll(Enumerable.Range(0, Silos).Select(async _ =>
        {
            var (table, entry) = (tables.Open(), MembershipTables.NewEntry());
            while (!await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next())) Interlocked.Increment(ref lost);
            entry.Status = SiloStatus.Active;
            while (true)
            {
                var read = await table.ReadRowAsync(entry.SiloAddress);
                if (await table.UpdateRowAsync(entry, read.Members[0].Item2, read.Version.Next())) return;
                Interlocked.Increment(ref lost);
            }
        }));

        var all = await tables.Open().ReadAllAsync();
        Assert.Equal((2 * Silos, Silos), (all.Version.Version, all.Members.Count));
        Assert.All(all.Members, member => Assert.Equal(SiloStatus.Active, member.Item1.Status));
        TestContext.Current.SendDiagnosticMessage($"{lost} lost races");
    }

    [Fact]
    public async Task A_sign_of_life_is_seen_by_all_and_leaves_table_and_etags_alone()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        var entry = MembershipTables.NewEntry();
        await table.InsertAsync(entry);
        var before = await tables.Client.GetStringAsync(tables.ClusterPath, Cancel);
        var alive = entry.IAmAliveTime.AddSeconds(30);

        await table.BeatAsync(entry, alive);

        var read = await tables.Open().ReadAllAsync();
        Assert.Equal(alive, read.Members[0].Item1.IAmAliveTime, TimeSpan.FromMilliseconds(1));
        Assert.Equal((1, "1"), (read.Version.Version, read.Members[0].Item2));
        Assert.Equal(before, await tables.Client.GetStringAsync(tables.ClusterPath, Cancel));
    }

    [Fact]
    public async Task Cleanup_removes_old_rows_of_every_status_but_Active_and_their_Leases()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        SiloStatus[] statuses = [SiloStatus.Dead, SiloStatus.Joining, SiloStatus.ShuttingDown, SiloStatus.Stopping, SiloStatus.Created, SiloStatus.Active];
        foreach (var status in statuses) await AddAsync(table, status, age: TimeSpan.FromDays(10));
        var recentlyDead = await AddAsync(table, SiloStatus.Dead, age: TimeSpan.Zero);
        var before = await table.ReadAllAsync();

        await table.CleanUpAsync(TimeProvider.System.GetUtcNow().AddDays(-3));

        var left = await table.ReadAllAsync();
        Assert.Equal([SiloStatus.Active, SiloStatus.Dead], left.Members.Select(m => m.Item1.Status));
        Assert.Equal(recentlyDead, left.Members[1].Item1.SiloName);
        Assert.Equal(before.Version.Version + 1, left.Version.Version);
        var leases = await tables.ReadLeasesAsync();
        Assert.Equal(left.Members.Select(m => $"nango-silo-{m.Item1.SiloName}").Order(StringComparer.Ordinal), leases.Select(l => (string)l["metadata"]!["name"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cleanup_without_anything_to_do_writes_nothing()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        await AddAsync(table, SiloStatus.Active, age: TimeSpan.FromDays(10));
        var before = await tables.Client.GetStringAsync(tables.ClusterPath, Cancel);

        await table.CleanUpAsync(TimeProvider.System.GetUtcNow().AddDays(-3));

        Assert.Equal(before, await tables.Client.GetStringAsync(tables.ClusterPath, Cancel));
    }

    [Fact]
    public async Task Gateways_are_the_active_silos_with_a_gateway_port()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        await AddAsync(table, SiloStatus.Joining, TimeSpan.Zero);
        var active = MembershipTables.NewEntry(IPAddress.Parse("fd00::18"), SiloStatus.Active);
        await table.InsertAsync(active);
        var closed = MembershipTables.NewEntry(status: SiloStatus.Active);
        closed.ProxyPort = 0;
        await table.InsertAsync(closed);

        var gateways = await tables.OpenGateways().GetGatewaysAsync(Cancel);

        var expected = SiloAddress.New(active.SiloAddress.Endpoint.Address, active.ProxyPort, active.SiloAddress.Generation).ToGatewayUri();
        Assert.Equal([expected], gateways);
    }

    [Fact]
    public async Task Clusters_in_one_namespace_do_not_see_each_other_and_one_is_deleted_alone()
    {
        await using var tables = await StartAsync();
        var (one, other) = (await tables.InitializeAsync(), tables.Open("another"));
        await other.InitializeAsync();
        await AddAsync(one, SiloStatus.Active, TimeSpan.Zero);
        var kept = await AddAsync(other, SiloStatus.Active, TimeSpan.Zero);

        await one.DeleteAsync(MembershipTables.ClusterId);

        Assert.Equal(kept, Assert.Single((await other.ReadAllAsync()).Members).Item1.SiloName);
        Assert.Equal(HttpStatusCode.NotFound, (await tables.Client.GetAsync(tables.ClusterPath, Cancel)).StatusCode);
        var leases = await tables.ReadLeasesAsync();
        Assert.Equal($"nango-silo-{kept}", (string?)Assert.Single(leases)!["metadata"]!["name"]);
    }

    [Fact]
    public async Task Readers_during_writes_see_whole_versions_that_never_go_back()
    {
        const int Writers = 4, Changes = 10;
        await using var tables = await StartAsync();
        await tables.InitializeAsync();
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<int, string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var (table, last) = (tables.Open(), 0);
            while (!stop.IsCancellationRequested)
            {
                var read = await table.ReadAllAsync();
                Assert.True(read.Version.Version >= last, "the version went back");
                last = read.Version.Version;
                var rows = string.Join(' ', read.Members.Select(m => $"{m.Item1.SiloAddress}/{m.Item1.Status}/{m.Item1.ProxyPort}/{m.Item2}"));
                Assert.Equal(seen.GetOrAdd(last, rows), rows);
            }
        }, Cancel)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            var (table, entry) = (tables.Open(), MembershipTables.NewEntry());
            while (!await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next())) { }
            for (var change = 1; change <= Changes;)
            {
                entry.ProxyPort = change;
                var read = await table.ReadRowAsync(entry.SiloAddress);
                if (await table.UpdateRowAsync(entry, read.Members[0].Item2, read.Version.Next())) change++;
            }
        }));
        await stop.CancelAsync();
        await Task.WhenAll(readers);

        Assert.Equal(Writers * (Changes + 1), (await tables.Open().ReadAllAsync()).Version.Version);
    }

    [Fact]
    public async Task A_label_put_on_the_object_between_read_and_write_does_not_lose_the_race()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        var read = await table.ReadAllAsync();
        await tables.PatchAsync("""{"metadata":{"labels":{"team":"a"}}}""");

        Assert.True(await table.InsertRowAsync(MembershipTables.NewEntry(), read.Version.Next()));

        var stored = await tables.ReadObjectAsync();
        Assert.Equal("a", (string?)stored["metadata"]!["labels"]!["team"]);
    }

    [Fact]
    public async Task A_successor_of_the_same_name_does_not_lend_its_life_to_the_predecessor()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        var (old, current) = (MembershipTables.NewEntry(), MembershipTables.NewEntry());
        current.SiloName = old.SiloName;
        foreach (var entry in new[] { old, current }) await table.InsertAsync(entry);
        await table.BeatAsync(old, old.IAmAliveTime.AddMinutes(1));

        await table.BeatAsync(current, current.IAmAliveTime.AddHours(1));

        var members = (await table.ReadAllAsync()).Members.ToDictionary(m => m.Item1.SiloAddress, m => m.Item1.IAmAliveTime);
        Assert.Equal(old.IAmAliveTime, members[old.SiloAddress]);
        Assert.Equal(current.IAmAliveTime.AddHours(1), members[current.SiloAddress], TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task A_Lease_names_its_Pod_as_owner_only_when_there_is_one()
    {
        await using var tables = await StartAsync();
        var table = await tables.InitializeAsync();
        var (podless, podded) = (MembershipTables.NewEntry(), MembershipTables.NewEntry());
        var pod = (await tables.Server.ApplyAsync(
            $$$"""{apiVersion: v1, kind: Pod, metadata: {name: {{{podded.SiloName}}}}, spec: {containers: [{name: operator, image: operator}]}}""", tables.Namespace, Cancel))[0];
        foreach (var entry in new[] { podless, podded })
        {
            await table.InsertAsync(entry);
            for (var beat = 0; beat < 2; beat++) await table.BeatAsync(entry, entry.IAmAliveTime);
        }

        Assert.Null((await LeaseAsync(tables, podless))["metadata"]!["ownerReferences"]);
        var owner = Assert.Single((await LeaseAsync(tables, podded))["metadata"]!["ownerReferences"]!.AsArray());
        Assert.Equal(("Pod", podded.SiloName, (string?)pod["metadata"]!["uid"]), ((string?)owner!["kind"], (string?)owner["name"], (string?)owner["uid"]));
    }

    private static async Task<string> AddAsync(SiloTable table, SiloStatus status, TimeSpan age)
    {
        var entry = MembershipTables.NewEntry(status: status);
        (entry.StartTime, entry.IAmAliveTime) = (entry.StartTime - age, entry.IAmAliveTime - age);
        await table.InsertAsync(entry);
        await table.BeatAsync(entry, entry.IAmAliveTime);
        return entry.SiloName;
    }

    private static async Task<JsonNode> LeaseAsync(MembershipTables tables, MembershipEntry entry) =>
        JsonNode.Parse(await tables.Client.GetStringAsync($"{tables.LeasesPath}/nango-silo-{entry.SiloName}", Cancel))!;
}
