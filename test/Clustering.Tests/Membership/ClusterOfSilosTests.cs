using System.Globalization;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Clustering.Tests.Membership;

public sealed class ClusterOfSilosTests(SharedApiServer servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_silos_form_a_cluster_share_the_grains_and_leave_it_in_order()
    {
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync(CustomResourceDefinitions.All);
        await using var silos = new SiloHosts(tables.Server.KubeconfigPath, tables.Namespace);

        await Task.WhenAll(silos.StartAsync("a"), silos.StartAsync("b"), silos.StartAsync("c"));
        await silos.UntilAllSeeAsync(active: 3);
        // A silo is a member before its neighbours have fetched the list of its grain classes; until then it gets no grains.
        var round = 0;
        await Until.TrueAsync(async () => (await SiloHosts.CallAsync(silos.All[0], Keys($"round-{round++}", 60))).ToHashSet(StringComparer.Ordinal).SetEquals(["a", "b", "c"]));

        await silos.StopAsync(silos.All[2]);
        await silos.UntilAllSeeAsync(active: 2);
        Assert.All(await SiloHosts.CallAsync(silos.All[0], Keys("grain", 60)), home => Assert.Contains(home, silos.All.Select(Name)));
    }

    [Fact]
    public async Task A_restarted_silo_of_the_same_name_takes_the_place_of_its_predecessor()
    {
        await using var tables = await MembershipOnTheDoubleTests.StartDoubleAsync(CustomResourceDefinitions.All);
        await using var silos = new SiloHosts(tables.Server.KubeconfigPath, tables.Namespace);
        await silos.StartAsync("a");
        var first = await silos.StartAsync("b");
        await silos.UntilAllSeeAsync(active: 2);
        await silos.StopAsync(first);

        await silos.StartAsync("b");
        await silos.UntilAllSeeAsync(active: 2);

        var rows = (await tables.Open().ReadAllAsync()).Members.Select(m => (m.Item1.SiloName, m.Item1.Status)).Order();
        Assert.Equal([("a", SiloStatus.Active), ("b", SiloStatus.Active), ("b", SiloStatus.Dead)], rows);
        await Until.TrueAsync(async () => (await tables.ReadLeasesAsync()).Select(lease => (string)lease["spec"]!["holderIdentity"]!).ToHashSet(StringComparer.Ordinal)
            .SetEquals((await tables.Open().ReadAllAsync()).Members.Where(m => m.Item1.Status == SiloStatus.Active).Select(m => m.Item1.SiloAddress.ToParsableString())));
    }

    [Fact]
    public async Task Without_the_API_server_for_forty_seconds_nobody_is_declared_dead_and_calls_go_on()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        var server = await servers.GetAsync(Cancel);
        await using var proxy = await FaultProxy.StartAsync(server, Cancel);
        await using var tables = new MembershipTables(server, await server.CreateNamespaceAsync(Cancel));
        await using var silos = new SiloHosts(proxy.KubeconfigPath, tables.Namespace);
        await Task.WhenAll(silos.StartAsync("a"), silos.StartAsync("b"), silos.StartAsync("c"));
        await silos.UntilAllSeeAsync(active: 3);
        var version = (await tables.Open().ReadAllAsync()).Version.Version;

        // Half of the time connections are refused, half of it nothing is answered.
        proxy.TakeDown();
        var called = await CallForAsync(TimeSpan.FromSeconds(20), silos, "refused");
        proxy.BringUp();
        proxy.Delay(TimeSpan.FromMinutes(5));
        called += await CallForAsync(TimeSpan.FromSeconds(20), silos, "silent");
        proxy.Delay(TimeSpan.Zero);
        var back = TimeProvider.System.GetUtcNow();

        Assert.All(silos.All, silo => Assert.Equal([SiloStatus.Active, SiloStatus.Active, SiloStatus.Active], SiloHosts.Statuses(silo)));
        Assert.True(called >= 600, $"only {called} calls were made");
        await silos.StartAsync("d");
        await silos.UntilAllSeeAsync(active: 4);
        await Until.TrueAsync(async () => (await tables.ReadLeasesAsync()).Count(lease => RenewTime(lease) > back) == 4);
        var after = await tables.Open().ReadAllAsync();
        Assert.DoesNotContain(after.Members, member => member.Item1.Status == SiloStatus.Dead || member.Item1.SuspectTimes is { Count: > 0 });
        Assert.Equal(version + 2, after.Version.Version);
    }

    private static async Task<int> CallForAsync(TimeSpan duration, SiloHosts silos, string prefix)
    {
        var (started, calls) = (TimeProvider.System.GetTimestamp(), 0);
        for (var round = 0; TimeProvider.System.GetElapsedTime(started) < duration; round++)
        {
            foreach (var silo in silos.All) calls += (await SiloHosts.CallAsync(silo, [.. Keys("grain", 10), .. Keys($"{prefix}-{round}", 5)]).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancel)).Count;
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
        }

        return calls;
    }

    private static IEnumerable<string> Keys(string prefix, int count) => Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i}"));

    private static string Name(Microsoft.Extensions.Hosting.IHost silo) =>
        ((ILocalSiloDetails)silo.Services.GetService(typeof(ILocalSiloDetails))!).Name;

    private static DateTimeOffset RenewTime(System.Text.Json.Nodes.JsonNode lease) =>
        DateTimeOffset.Parse((string)lease["spec"]!["renewTime"]!, CultureInfo.InvariantCulture);
}
