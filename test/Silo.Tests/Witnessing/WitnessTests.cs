using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using NangoOrleans.Testing.ApiServers;
using NangoOrleans.Watching.Clusters;

namespace NangoOrleans.Witnessing;

/// <summary>Three silos, one of which goes with something in its memory that no status tells of.</summary>
public sealed class WitnessTests(SharedApiServer server)
{
    [Fact]
    public async Task What_a_silo_had_made_for_a_resource_that_is_gone_is_removed_by_those_that_stay()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        await cluster.ElectAsync(cluster.Silos[0]);
        var leaving = cluster.Silos[2];
        var left = await cluster.MakeInNangoAsync("left");
        var leftover = new Leftover(
            new NangoIntegration
            {
                Metadata = new ObjectMetadata { Namespace = cluster.Namespace, Name = "left", Uid = "5d0c0e5e-0000-4000-8000-000000000001", CreationTimestamp = TimeProvider.System.GetUtcNow() },
                Spec = new NangoIntegrationSpec { UniqueKey = "left", Provider = "slack" },
            },
            left,
            TimeProvider.System.GetUtcNow());

        Assert.True(await leaving.Get<IWitnesses>().KeepAsync(leftover));
        TestSilo[] staying = [.. cluster.Silos.Except([leaving])];
        Assert.All(staying, silo => Assert.Equal(1, silo.Get<WitnessedLeftovers>().Count));
        Assert.Equal(0, leaving.Get<WitnessedLeftovers>().Count);
        Assert.NotNull(cluster.FindInNango("left"));

        await cluster.StopAsync(leaving);

        await SiloCluster.UntilAsync(() => cluster.FindInNango("left") is null);
        await SiloCluster.UntilAsync(() => staying.All(silo => silo.Get<WitnessedLeftovers>().Count == 0));
    }

    [Fact]
    public async Task What_is_forgotten_by_one_is_forgotten_by_all()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 3);
        var leftover = new Leftover(
            new NangoIntegration { Metadata = new ObjectMetadata { Namespace = cluster.Namespace, Name = "told", Uid = "uid-told" } }, "2026-01-01T00:00:00.000Z", TimeProvider.System.GetUtcNow());
        Assert.True(await cluster.Silos[0].Get<IWitnesses>().KeepAsync(leftover));
        Assert.Equal([0, 1, 1], cluster.Silos.Select(silo => silo.Get<WitnessedLeftovers>().Count));

        await cluster.Silos[0].Get<IWitnesses>().ForgetAsync("uid-told");

        Assert.All(cluster.Silos, silo => Assert.Equal(0, silo.Get<WitnessedLeftovers>().Count));
    }

    [Fact]
    public async Task A_silo_alone_has_nobody_who_remembers()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 1);

        Assert.False(await cluster.Silos[0].Get<IWitnesses>().KeepAsync(new Leftover(new NangoIntegration(), "", TimeProvider.System.GetUtcNow())));
    }
}
