using CsCheck;
using NangoOrleans.Chaos;

namespace NangoOrleans.Scenarios.Cluster;

public sealed class ChaosPlanTests
{
    private static readonly Gen<ChaosOptions> Options =
        from seed in Gen.Int
        from seconds in Gen.Int[10, 600]
        from resources in Gen.Int[1, 300]
        from silos in Gen.Int[1, 6]
        select new ChaosOptions { Seed = seed, Length = TimeSpan.FromSeconds(seconds), Resources = resources, Silos = silos };

    [Fact]
    public void Same_seed_gives_the_same_plan() => Options.Sample(
        options =>
        {
            var (one, other) = (ChaosPlan.Draw(options), ChaosPlan.Draw(options));

            Assert.Equal(one.Events, other.Events);
            Assert.Equal(one.Disruptions, other.Disruptions);
        },
        iter: 50);

    [Fact]
    public void Another_seed_gives_another_plan()
    {
        var options = new ChaosOptions { Seed = 1 };

        Assert.NotEqual(ChaosPlan.Draw(options).Events, ChaosPlan.Draw(options with { Seed = 2 }).Events);
        Assert.NotEqual(ChaosPlan.Draw(options).Disruptions, ChaosPlan.Draw(options with { Seed = 2 }).Disruptions);
    }

    [Fact]
    public void Disruptions_of_a_seed_stay_when_the_number_of_resources_changes()
    {
        var options = new ChaosOptions { Seed = 7 };

        Assert.Equal(ChaosPlan.Draw(options).Disruptions, ChaosPlan.Draw(options with { Resources = 10 }).Disruptions);
    }

    [Fact]
    public void Every_life_is_lived_in_order_and_within_the_run() => Options.Sample(
        options =>
        {
            var plan = ChaosPlan.Draw(options);

            Assert.Equal(options.Resources, plan.Fates.Count);
            Assert.All(plan.Events, e => Assert.InRange(e.At, TimeSpan.Zero, options.Length));
            foreach (var life in plan.Events.GroupBy(e => e.Name, StringComparer.Ordinal))
            {
                Assert.Equal(Enumerable.Range(1, life.Count()), life.Select(e => e.Revision));
                Assert.Equal(ResourceAction.Apply, life.First().Action);
                Assert.DoesNotContain(life.Zip(life.Skip(1)), p => p is ({ Action: ResourceAction.Delete }, { Action: ResourceAction.Delete }));
            }
        },
        iter: 50);

    [Fact]
    public void One_silo_is_never_disturbed_twice_at_a_time() => Options.Sample(
        options =>
        {
            var plan = ChaosPlan.Draw(options);

            foreach (var silo in plan.Disruptions.Where(d => d.Silo >= 0).GroupBy(d => d.Silo))
                Assert.All(silo.Zip(silo.Skip(1)), pair => Assert.True(pair.First.At + pair.First.Lasts < pair.Second.At));
            Assert.All(plan.Disruptions.Where(d => d.Kind == DisruptionKind.Add), d => Assert.True(options.Silos > 1 && d.Silo >= options.Silos));
        },
        iter: 200);

    [Fact]
    public void Long_run_holds_every_kind_of_disruption_and_of_life()
    {
        var plan = ChaosPlan.Draw(new() { Seed = 3, Length = TimeSpan.FromMinutes(5) });

        Assert.Equal(Enum.GetValues<DisruptionKind>().Order(), plan.Disruptions.Select(d => d.Kind).Distinct().Order());
        Assert.Contains(plan.Fates.Values, f => f is { Revision: null, Deletions: 1 });
        Assert.Contains(plan.Fates.Values, f => f is { Lifetimes: 2, Deletions: 1 });
        Assert.Contains(plan.Fates.Values, f => f.Edits == 3);
    }
}
