using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Hosting;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations;

public sealed class NangoIntegrationGrainTests(GrainHost host) : GrainTests(host)
{
    [Fact]
    public async Task A_new_resource_is_created_with_two_writes_to_Kubernetes_and_one_to_Nango()
    {
        Put("new");

        await Host.PokeAsync("new");

        await Host.UntilStatusAsync("new", IntegrationPhase.Created);
        await Host.UntilRestingAsync("new", runs: 1);
        Assert.Equal(["finalizer-on", "create", "status"], Host.Calls("new"));
        Assert.Contains(Host.Cluster.Events, e => e is { Name: "team/new", Warning: false, Reason: Reasons.Created });
    }

    [Fact]
    public async Task Pokes_during_a_run_cause_exactly_one_more_run()
    {
        Put("busy");
        using var hold = HoldUp("create busy");
        await Host.PokeAsync("busy");
        await hold.Reached;

        for (var i = 0; i < 5; i++) await Host.PokeAsync("busy", recheck: true);
        Assert.True((await Host.Integration("busy").GetState()).Running);
        hold.Dispose();

        await Host.UntilRestingAsync("busy", runs: 2);
        Assert.Equal(2, (await Host.Integration("busy").GetState()).Runs);
        Assert.Equal(["create", "look"], Host.Calls("busy").Where(c => c is "create" or "look"));
    }

    [Fact]
    public async Task A_settled_resource_is_not_run_again_by_a_mere_poke()
    {
        await CreateAsync("calm");

        await Host.PokeAsync("calm");
        await Host.PokeAsync("calm", recheck: true);

        await Host.UntilRestingAsync("calm", runs: 2);
        Assert.Equal(2, (await Host.Integration("calm").GetState()).Runs);
        Assert.Equal(1, Host.Calls("calm").Count(c => c == "status"));
    }

    [Fact]
    public async Task A_changed_status_is_looked_at_unless_it_is_the_grains_own_report()
    {
        await CreateAsync("doctored");
        await Host.UntilRestingAsync("doctored", runs: 1);
        var own = Host.Find("doctored")!;
        var foreign = Host.Cluster.Put(own with { Status = own.Status! with { Status = IntegrationPhase.Failed } });

        await Host.Integration("doctored").Observe(new IntegrationPoke { Resource = own.Redact(), StatusChanged = true });
        await Host.Integration("doctored").Observe(new IntegrationPoke { Resource = foreign.Redact(), StatusChanged = true });

        await Host.UntilStatusAsync("doctored", IntegrationPhase.Created);
        await Host.UntilRestingAsync("doctored", runs: 2);
        await Host.Integration("doctored").Observe(new IntegrationPoke { Resource = Host.Find("doctored")!.Redact(), StatusChanged = true });
        await Host.PokeAsync("doctored");
        Assert.Equal(2, (await Host.Integration("doctored").GetState()).Runs);
        Assert.DoesNotContain("update", Host.Calls("doctored"));
    }

    [Fact]
    public async Task An_older_version_is_ignored_unless_a_list_shows_it_and_then_one_read_decides()
    {
        var old = Put("old");
        await Host.PokeAsync("old");
        await Host.UntilStatusAsync("old", IntegrationPhase.Created);
        await Host.UntilRestingAsync("old", runs: 1);
        var forged = old with { Metadata = old.Metadata with { Generation = 99, ResourceVersion = "1" } };

        await Host.PokeAsync("old", forged);
        Assert.Equal(1, (await Host.Integration("old").GetState()).Generation);
        Assert.DoesNotContain("get", Host.Calls("old"));

        await Host.PokeAsync("old", forged, fromList: true);
        await GrainHost.UntilAsync(() => Host.Calls("old").Contains("get"));
        Assert.Equal(1, (await Host.Integration("old").GetState()).Generation);
    }

    [Fact]
    public async Task A_poke_without_a_snapshot_makes_a_fresh_activation_read_once()
    {
        Put("blind");

        await Host.Integration("blind").Observe(new IntegrationPoke());

        await Host.UntilStatusAsync("blind", IntegrationPhase.Created);
        Assert.Equal("get", Host.Calls("blind")[0]);
    }

    [Fact]
    public async Task A_reminder_that_wakes_a_fresh_activation_makes_it_read_the_resource()
    {
        Put("woken");

        await Host.Integration("woken").AsReference<IRemindable>().ReceiveReminder(NangoIntegrationGrain.RetryReminder, default, TestContext.Current.CancellationToken);

        await Host.UntilStatusAsync("woken", IntegrationPhase.Created);
        Assert.Equal("get", Host.Calls("woken")[0]);
    }

    [Fact]
    public async Task A_reminder_of_a_resource_that_is_gone_does_nothing()
    {
        await Host.Integration("never").AsReference<IRemindable>().ReceiveReminder(NangoIntegrationGrain.RetryReminder, default, TestContext.Current.CancellationToken);

        await GrainHost.UntilAsync(() => Host.Calls("never").Count == 1);
        Assert.Equal(["get"], Host.Calls("never"));
    }

    [Fact]
    public async Task A_deleted_resource_is_taken_down_and_its_grain_goes()
    {
        await CreateAsync("doomed");
        Host.Cluster.Delete(new IntegrationKey("team", "doomed"), Host.Time.GetUtcNow());

        await Host.PokeAsync("doomed");

        await GrainHost.UntilAsync(() => Host.Find("doomed") is null);
        await UntilFreshAsync("doomed");
        Assert.Equal(["look", "connections", "delete", "finalizer-off"], Host.Calls("doomed").SkipWhile(c => c != "look"));
        Assert.Contains(Host.Cluster.Events, e => e is { Name: "team/doomed", Reason: Reasons.Deleted });
    }

    [Fact]
    public async Task A_resource_told_to_be_gone_costs_no_call()
    {
        await CreateAsync("gone");
        var before = Host.Calls("gone").Count;

        await Host.Integration("gone").Observe(new IntegrationPoke { Gone = true });

        await UntilFreshAsync("gone");
        Assert.Equal(before, Host.Calls("gone").Count);
    }

    [Fact]
    public async Task A_resource_made_anew_while_the_former_one_is_taken_down_is_not_forgotten()
    {
        await CreateAsync("phoenix");
        Host.Cluster.Delete(new IntegrationKey("team", "phoenix"), Host.Time.GetUtcNow());
        Host.Wire.After = async call =>
        {
            if (call != "finalizer-off team/phoenix") return;
            Host.Cluster.Put(Named("phoenix").Meta(m => m with { Uid = "second life" }).Build());
            await Host.PokeAsync("phoenix");
        };

        await Host.PokeAsync("phoenix");

        await GrainHost.UntilAsync(() => Host.Find("phoenix") is { Metadata.Uid: "second life", Status.Status: IntegrationPhase.Created });
    }
}
