using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Hosting;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations;

/// <summary>Creates that no status tells of, and the silos that remember them.</summary>
public sealed class WitnessTests(GrainHost host) : GrainTests(host)
{
    [Fact]
    public async Task A_create_that_is_reported_at_once_is_nobody_elses_business()
    {
        await CreateAsync("plain");

        Assert.DoesNotContain(Host.Witnesses.Asked, asked => asked.EndsWith(" uid-plain", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Others_remember_a_create_until_its_report_is_written()
    {
        var isAway = true;
        Host.Wire.Before = call => call == "status team/unreported" && isAway ? throw Wire.Failing(FailureKind.Transient, Reasons.KubernetesUnavailable) : Task.CompletedTask;
        Host.Cluster.Put(Named("unreported").Spec(s => s with { NangoToken = SensitiveValue.FromLiteral(Builders.A.Token) }).Build());

        await Host.PokeAsync("unreported");
        await GrainHost.UntilAsync(() => Host.Witnesses.Kept.ContainsKey("uid-unreported"));
        var kept = Host.Witnesses.Kept["uid-unreported"];
        isAway = false;
        await Host.LetTimePassUntilAsync(() => Host.Find("unreported")?.Status?.Status == IntegrationPhase.Created);
        await GrainHost.UntilAsync(() => Host.Witnesses.Kept.IsEmpty);

        Assert.Equal(Host.Nango.Environment().Integrations["unreported"].CreatedAt, kept.CreatedAt);
        Assert.True(kept.Resource.Spec!.NangoToken!.IsRedacted);
        // Asked again after each attempt, since silos come and go.
        Assert.Equal(["keep uid-unreported", "forget uid-unreported"], Asked("uid-unreported").Distinct());
        Assert.Equal("forget uid-unreported", Asked("uid-unreported")[^1]);
    }

    [Fact]
    public async Task Others_remember_a_lost_create_until_it_is_removed()
    {
        var outages = 3;
        Host.Wire.Before = call =>
        {
            if (call == "status team/lost") Host.Cluster.Vanish(new IntegrationKey("team", "lost"));
            return call == "look lost" && outages-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.Unreachable) : Task.CompletedTask;
        };
        Put("lost");

        await Host.PokeAsync("lost");
        await GrainHost.UntilAsync(() => Host.Witnesses.Kept.ContainsKey("uid-lost"));
        await Host.LetTimePassUntilAsync(() => Host.Calls("lost").Contains("delete"));
        await GrainHost.UntilAsync(() => Host.Witnesses.Kept.IsEmpty);

        // Asked again after each attempt, since silos come and go.
        Assert.Equal(["keep uid-lost", "forget uid-lost"], Asked("uid-lost").Distinct());
        Assert.Equal("forget uid-lost", Asked("uid-lost")[^1]);
    }

    [Fact]
    public async Task They_are_asked_again_when_none_of_them_was_there()
    {
        var isAway = true;
        Host.Witnesses.AreThere = false;
        Host.Wire.Before = call => call == "status team/alone" && isAway ? throw Wire.Failing(FailureKind.Transient, Reasons.KubernetesUnavailable) : Task.CompletedTask;
        Put("alone");

        await Host.PokeAsync("alone");
        await GrainHost.UntilAsync(() => Asked("uid-alone").Length > 0);
        Host.Witnesses.AreThere = true;
        await Host.LetTimePassUntilAsync(() => Host.Witnesses.Kept.ContainsKey("uid-alone"));
        isAway = false;
        await Host.LetTimePassUntilAsync(() => Host.Witnesses.Kept.IsEmpty);

        Assert.Equal("forget uid-alone", Asked("uid-alone")[^1]);
    }

    [Fact]
    public async Task Where_the_resource_is_known_to_be_gone_the_API_server_is_not_needed_to_remove_it()
    {
        Host.Wire.Before = call =>
        {
            if (call == "status team/cut") Host.Cluster.Vanish(new IntegrationKey("team", "cut"));
            return call == "get team/cut" ? throw Wire.Failing(FailureKind.Transient, Reasons.KubernetesUnavailable) : Task.CompletedTask;
        };
        Put("cut");

        await Host.PokeAsync("cut");

        await GrainHost.UntilAsync(() => Host.Calls("cut").Contains("delete"));
        await UntilFreshAsync("cut");
        Assert.DoesNotContain(Host.Witnesses.Asked, asked => asked.EndsWith(" uid-cut", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_silo_that_is_gone_had_made_for_a_resource_that_is_gone_is_removed()
    {
        var made = await LoseAsync("orphan");

        await Host.Integration("orphan").Observe(new IntegrationPoke { Leftovers = [made] });

        await GrainHost.UntilAsync(() => !Host.Nango.Environment().Integrations.ContainsKey("orphan"));
        await GrainHost.UntilAsync(() => Asked(made.Uid).Contains($"forget {made.Uid}"));
        await UntilFreshAsync("orphan");
        Assert.DoesNotContain(Host.Cluster.Events, e => e.Name == "team/orphan" && e.Warning);
    }

    [Fact]
    public async Task It_is_kept_on_while_it_cannot_be_removed()
    {
        var made = await LoseAsync("later");
        var isAway = true;
        Before("look later", () => isAway ? throw Wire.Failing(FailureKind.Transient, Reasons.Unreachable) : Task.CompletedTask);

        await Host.Integration("later").Observe(new IntegrationPoke { Leftovers = [made] });
        await GrainHost.UntilAsync(() => Host.Witnesses.Kept.ContainsKey(made.Uid));
        // As every other silo that remembers it does.
        await Host.Integration("later").Observe(new IntegrationPoke { Leftovers = [made] });
        isAway = false;
        await Host.LetTimePassUntilAsync(() => Host.Witnesses.Kept.IsEmpty);

        Assert.Single(Host.Calls("later"), "delete");
    }

    [Fact]
    public async Task It_stays_while_the_resource_is_there_after_all()
    {
        await CreateAsync("alive");
        var alive = Host.Find("alive")!;
        var made = new Leftover(alive.Redact(), alive.Status!.Nango!.CreatedAt!, Host.Time.GetUtcNow());

        await Host.Integration("alive").Observe(new IntegrationPoke { Leftovers = [made] });

        await GrainHost.UntilAsync(() => Asked(made.Uid).Contains($"forget {made.Uid}"));
        Assert.Contains("alive", Host.Nango.Environment().Integrations.Keys);
        Assert.Single(Host.Calls("alive"), "status");
    }

    [Fact]
    public async Task Another_integration_under_the_same_key_is_left_alone()
    {
        var made = await LoseAsync("other");

        await Host.Integration("other").Observe(new IntegrationPoke { Leftovers = [made with { CreatedAt = "2020-01-01T00:00:00.000Z" }] });

        await GrainHost.UntilAsync(() => Asked(made.Uid).Contains($"forget {made.Uid}"));
        Assert.Contains("other", Host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task A_token_that_went_with_the_resource_is_told_in_an_event()
    {
        var made = await LoseAsync("inline");
        var own = made with { Resource = made.Resource with { Spec = made.Resource.Spec! with { NangoToken = SensitiveValue.FromLiteral(Builders.A.Token).Redact() } } };

        await Host.Integration("inline").Observe(new IntegrationPoke { Leftovers = [own] });

        await GrainHost.UntilAsync(() => Asked(made.Uid).Contains($"forget {made.Uid}"));
        Assert.Contains(Host.Cluster.Events, e => e.Name == "team/inline" && e.Warning && e.Message.Contains("delete it there. The token stood in the resource itself", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_watcher_saw_go_is_removed_although_it_had_been_reported()
    {
        var left = await LoseAsync("reported");

        await Host.Integration("reported").Observe(new IntegrationPoke { Gone = true, Leftovers = [left] });

        await GrainHost.UntilAsync(() => !Host.Nango.Environment().Integrations.ContainsKey("reported"));
        await GrainHost.UntilAsync(() => Host.Cluster.Events.Any(e => e.Name == "team/reported" && !e.Warning && e.Reason == Reasons.Deleted));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(3600 * 24, false)]
    public async Task Where_nobody_knows_whether_anything_was_made_what_is_younger_than_the_resource_is_removed(int bornLaterBySeconds, bool removed)
    {
        var name = removed ? "younger" : "older";
        var left = await LoseAsync(name);
        var born = DateTimeOffset.Parse(left.CreatedAt!, System.Globalization.CultureInfo.InvariantCulture).AddSeconds(bornLaterBySeconds);
        var resource = left.Resource with { Metadata = left.Resource.Metadata with { CreationTimestamp = born, Finalizers = [NangoApi.Finalizer] } };

        await Host.Integration(name).Observe(new IntegrationPoke { Gone = true, Leftovers = [new Leftover(resource, null, Host.Time.GetUtcNow())] });

        await GrainHost.UntilAsync(() => Host.Calls(name).Contains("look"));
        await UntilFreshAsync(name);
        Assert.Equal(!removed, Host.Nango.Environment().Integrations.ContainsKey(name));
    }

    [Fact]
    public async Task What_the_watcher_tells_during_the_run_that_makes_it_is_removed_once()
    {
        Put("during");
        using var report = HoldUp("status team/during");
        await Host.PokeAsync("during");
        await report.Reached;
        var last = Host.Find("during")!;
        Host.Cluster.Vanish(new IntegrationKey("team", "during"));

        await Host.Integration("during").Observe(new IntegrationPoke { Gone = true, Leftovers = [new Leftover(last.Redact(), null, Host.Time.GetUtcNow())] });
        report.Dispose();

        await GrainHost.UntilAsync(() => Host.Calls("during").Contains("delete"));
        await UntilFreshAsync("during");
        Assert.Single(Host.Calls("during"), "create");
        Assert.Single(Host.Calls("during"), "delete");
        Assert.DoesNotContain(Host.Cluster.Events, e => e.Name == "team/during" && e.Warning);
    }

    [Fact]
    public async Task What_was_made_after_the_resource_went_is_not_for_it()
    {
        var left = await LoseAsync("after");
        var made = DateTimeOffset.Parse(left.CreatedAt!, System.Globalization.CultureInfo.InvariantCulture);
        var resource = left.Resource with { Metadata = left.Resource.Metadata with { CreationTimestamp = made.AddHours(-2), Finalizers = [NangoApi.Finalizer] } };

        await Host.Integration("after").Observe(new IntegrationPoke { Gone = true, Leftovers = [new Leftover(resource, null, made.AddMinutes(-2))] });

        await GrainHost.UntilAsync(() => Host.Calls("after").Contains("look"));
        await UntilFreshAsync("after");
        Assert.Contains("after", Host.Nango.Environment().Integrations.Keys);
    }

    [Theory]
    [InlineData("observed")]
    [InlineData("uninstalled")]
    public async Task Where_a_deletion_would_not_touch_Nango_neither_does_this(string why)
    {
        var left = await LoseAsync(why);
        Host.Cluster.IsUninstalling = why == "uninstalled";
        if (why == "observed") left = left with { Resource = left.Resource with { Spec = left.Resource.Spec! with { Mode = ManagementMode.Observe } } };

        await Host.Integration(why).Observe(new IntegrationPoke { Leftovers = [left] });

        await GrainHost.UntilAsync(() => Asked(left.Uid).Contains($"forget {left.Uid}"));
        Host.Cluster.IsUninstalling = false;
        Assert.Contains(why, Host.Nango.Environment().Integrations.Keys);
        Assert.Contains(Host.Cluster.Events, e => e.Name == $"team/{why}" && e.Reason == Reasons.Retained);
    }

    [Fact]
    public async Task What_another_resource_claims_is_its_own()
    {
        var left = await LoseAsync("claimed");
        Host.Permissions.Owners["claimed"] = new IntegrationKey("team", "somebody-else");

        await Host.Integration("claimed").Observe(new IntegrationPoke { Leftovers = [left] });

        await GrainHost.UntilAsync(() => Asked(left.Uid).Contains($"forget {left.Uid}"));
        Assert.Contains("claimed", Host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task One_that_may_merely_not_be_selected_is_removed_only_if_it_was_seen_gone_at_once()
    {
        var left = await LoseAsync("unselected");
        var late = await LoseAsync("unselected-late");

        await Host.Integration("unselected").Observe(new IntegrationPoke { Leftovers = [left with { MayBeUnselected = true }] });
        await Host.Integration("unselected-late").Observe(new IntegrationPoke { Leftovers = [late with { MayBeUnselected = true, Since = late.Since.AddSeconds(-11) }] });

        await GrainHost.UntilAsync(() => Asked(left.Uid).Contains($"forget {left.Uid}") && Asked(late.Uid).Contains($"forget {late.Uid}"));
        Assert.DoesNotContain("unselected", Host.Nango.Environment().Integrations.Keys);
        Assert.Contains("unselected-late", Host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task Whoever_knows_what_was_made_completes_what_the_watcher_saw()
    {
        var left = await LoseAsync("joined");
        // By its clock, Nango made it before there was a resource.
        var resource = left.Resource with { Metadata = left.Resource.Metadata with { CreationTimestamp = Host.Time.GetUtcNow().AddDays(1), Finalizers = [NangoApi.Finalizer] } };
        var isAway = true;
        Before("look joined", () => isAway ? throw Wire.Failing(FailureKind.Transient, Reasons.Unreachable) : Task.CompletedTask);

        await Host.Integration("joined").Observe(new IntegrationPoke { Gone = true, Leftovers = [new Leftover(resource, null, Host.Time.GetUtcNow())] });
        await GrainHost.UntilAsync(() => Host.Calls("joined").Contains("look") && Host.Witnesses.Kept.ContainsKey(left.Uid));
        await Host.Integration("joined").Observe(new IntegrationPoke { Leftovers = [left] });
        isAway = false;

        await Host.LetTimePassUntilAsync(() => !Host.Nango.Environment().Integrations.ContainsKey("joined"));
    }

    [Theory]
    [InlineData(DeletionPolicy.Retain, 0, Reasons.Retained)]
    [InlineData(DeletionPolicy.DeleteIfUnused, 2, Reasons.InUse)]
    [InlineData(DeletionPolicy.DeleteIfUnused, null, Reasons.InUse)]
    public async Task What_a_deletion_would_leave_is_left(DeletionPolicy policy, int? connections, string reason)
    {
        var name = $"left-{policy}-{connections}".ToLowerInvariant();
        var made = await LoseAsync(name);
        Host.Nango.Environment().Connections = connections;

        await Host.Integration(name).Observe(new IntegrationPoke { Leftovers = [made with { Resource = made.Resource with { Spec = made.Resource.Spec! with { DeletionPolicy = policy } } }] });

        await GrainHost.UntilAsync(() => Asked(made.Uid).Contains($"forget {made.Uid}"));
        Host.Nango.Environment().Connections = 0;
        Assert.Contains(name, Host.Nango.Environment().Integrations.Keys);
        Assert.Contains(Host.Cluster.Events, e => e.Name == $"team/{name}" && e.Reason == reason);
    }

    // As a silo leaves it that was killed: made, never reported, and the resource gone.
    private async Task<Leftover> LoseAsync(string name)
    {
        await CreateAsync(name);
        // What was inline went with the resource; a Secret stays.
        Host.Cluster.PutSecret("token", ("token", Builders.A.Token));
        var resource = Host.Find(name)!;
        resource = resource with { Spec = resource.Spec! with { NangoToken = SensitiveValue.FromSecret(new SecretKeySelector { Name = "token", Key = "token" }) } };
        Host.Cluster.Vanish(new IntegrationKey("team", name));
        await GrainHost.DeactivateAsync(Host.Integration(name));
        await UntilFreshAsync(name);
        return new Leftover((resource with { Status = null }).Redact(), resource.Status!.Nango!.CreatedAt!, Host.Time.GetUtcNow());
    }

    private string[] Asked(string uid) => [.. Host.Witnesses.Asked.Where(asked => asked.EndsWith($" {uid}", StringComparison.Ordinal))];
}
