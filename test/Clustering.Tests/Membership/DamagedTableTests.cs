using System.Text.Json.Nodes;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Clustering.Tests.Membership;

public sealed class DamagedTableTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_table_is_written_again_by_a_silo_that_remembers_it()
    {
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync(CustomResourceDefinitions.All);
        var table = await tables.InitializeAsync();
        var entry = await InsertAsync(table, SiloStatus.Active);
        using var deleted = await tables.Client.DeleteAsync(tables.ClusterPath, Cancel);

        var read = await table.ReadAllAsync();

        Assert.Equal(entry.SiloAddress, Assert.Single(read.Members).Item1.SiloAddress);
        Assert.Equal(2, read.Version.Version);
    }

    [Fact]
    public async Task A_newcomer_that_made_a_new_table_is_joined_with_those_who_were_there()
    {
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync(CustomResourceDefinitions.All);
        var (old, newcomer) = (await tables.InitializeAsync(), tables.Open());
        var there = await InsertAsync(old, SiloStatus.Active);
        await InsertAsync(old, SiloStatus.Dead);
        using var deleted = await tables.Client.DeleteAsync(tables.ClusterPath, Cancel);
        await newcomer.InitializeAsync();
        var added = await InsertAsync(newcomer, SiloStatus.Joining);

        await old.ReadAllAsync();

        var read = await newcomer.ReadAllAsync();
        Assert.Equal(3, read.Version.Version);
        Assert.Equal(
            [(there.SiloAddress, SiloStatus.Active), (added.SiloAddress, SiloStatus.Joining)],
            read.Members.Select(m => (m.Item1.SiloAddress, m.Item1.Status)).Where(m => m.Status != SiloStatus.Dead));
        Assert.Equal(3, read.Members.Count);
    }

    [Fact]
    public async Task A_table_restored_from_a_backup_moves_on_from_where_the_silos_were()
    {
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync(CustomResourceDefinitions.All);
        var table = await tables.InitializeAsync();
        var (one, two) = (await InsertAsync(table, SiloStatus.Joining), await InsertAsync(table, SiloStatus.Active));
        var backup = (await tables.ReadObjectAsync())["spec"]!;
        var read = await table.ReadRowAsync(one.SiloAddress);
        one.Status = SiloStatus.Dead;
        await table.UpdateRowAsync(one, read.Members[0].Item2, read.Version.Next());
        await tables.PatchAsync(new JsonObject { ["spec"] = backup.DeepClone() }.ToJsonString());

        var healed = await table.ReadAllAsync();

        Assert.Equal(4, healed.Version.Version);
        Assert.Equal(SiloStatus.Dead, healed.TryGet(one.SiloAddress)!.Item1.Status);
        Assert.Equal(SiloStatus.Active, healed.TryGet(two.SiloAddress)!.Item1.Status);
    }

    [Fact]
    public async Task A_silo_that_never_saw_the_deleted_table_says_so()
    {
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync(CustomResourceDefinitions.All);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => tables.Open().ReadAllAsync());

        Assert.Contains($"{tables.Namespace}/{MembershipTables.ClusterId} is gone", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_serve_the_kind_yet_is_asked_again()
    {
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync([]);
        var table = tables.Open();
        var journal = ((DevelopmentApiServer)tables.Server).Server.Journal;

        var initialized = table.InitializeAsync();
        await Until.TrueAsync(() => Task.FromResult(journal.Entries().Any(entry => entry.Path.Contains("orleansclusters", StringComparison.Ordinal) && entry.Status == 404)));
        await tables.Server.InstallCrdsAsync(CustomResourceDefinitions.All, Cancel);

        await initialized;
        Assert.Empty((await table.ReadAllAsync()).Members);
    }

    [Fact]
    public async Task Fields_of_a_later_version_survive_what_this_one_writes()
    {
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync(CustomResourceDefinitions.All.Select(WithLaterFields));
        var table = await tables.InitializeAsync();
        var entry = await InsertAsync(table, SiloStatus.Joining);
        await InsertAsync(table, SiloStatus.Active);
        var silos = (await tables.ReadObjectAsync())["spec"]!["silos"]!;
        foreach (var silo in silos.AsArray()) silo!["later"] = "kept";
        await tables.PatchAsync(new JsonObject { ["spec"] = new JsonObject { ["later"] = "kept too", ["silos"] = silos.DeepClone() } }.ToJsonString());

        var read = await table.ReadAllAsync();
        entry.Status = SiloStatus.Active;
        Assert.True(await table.UpdateRowAsync(entry, read.Members[0].Item2, read.Version.Next()));

        var spec = (await tables.ReadObjectAsync())["spec"]!;
        Assert.Equal("kept too", (string?)spec["later"]);
        Assert.Equal([("kept", "Active"), ("kept", "Active")], spec["silos"]!.AsArray().Select(silo => ((string?)silo!["later"], (string?)silo["status"])));
    }

    [Fact]
    public async Task Names_that_Kubernetes_would_refuse_are_made_fit()
    {
        const string ClusterId = "Team/operator_with_a_name_that_is_much_longer_than_a_label_may_be_in_Kubernetes";
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync(CustomResourceDefinitions.All);
        var (table, other) = (tables.Open(ClusterId), tables.Open(ClusterId.Replace('/', '_')));
        foreach (var one in new[] { table, other }) await one.InitializeAsync();
        var entry = MembershipTables.NewEntry();
        entry.SiloName = "Silo_A B";
        await table.InsertAsync(entry);

        await table.BeatAsync(entry, entry.IAmAliveTime.AddHours(1));

        Assert.Equal(entry.IAmAliveTime.AddHours(1), Assert.Single((await table.ReadAllAsync()).Members).Item1.IAmAliveTime, TimeSpan.FromMilliseconds(1));
        Assert.Empty((await other.ReadAllAsync()).Members);
        Assert.StartsWith("nango-silo-silo-a-b-", (string?)Assert.Single(await tables.ReadLeasesAsync())["metadata"]!["name"], StringComparison.Ordinal);
    }

    // JSON is YAML, too.
    private static string WithLaterFields(string definition)
    {
        var tree = YamlDocuments.Parse(definition).Single();
        if (tree["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!.AsObject() is var spec && spec["silos"] is { } silos)
        {
            foreach (var properties in new[] { spec, silos["items"]!["properties"]! }) properties["later"] = new JsonObject { ["type"] = "string" };
        }

        return tree.ToJsonString();
    }

    private static async Task<MembershipEntry> InsertAsync(SiloTable table, SiloStatus status)
    {
        var entry = MembershipTables.NewEntry(status: status);
        await table.InsertAsync(entry);
        return entry;
    }
}
