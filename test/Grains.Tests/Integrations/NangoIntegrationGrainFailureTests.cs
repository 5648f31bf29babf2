using System.Text.Json;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Hosting;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations;

public sealed class NangoIntegrationGrainFailureTests(GrainHost host) : GrainTests(host)
{
    [Fact]
    public async Task A_failure_backs_off_and_success_resets_it()
    {
        var failures = 2;
        Before("create flaky", () => failures-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.Timeout) : Task.CompletedTask);
        Put("flaky");

        await Host.PokeAsync("flaky");
        await UntilNextAttemptAsync("flaky");
        var state = await Host.Integration("flaky").GetState();
        Assert.Equal((1, 1), (state.Attempts, state.Runs));
        Assert.InRange(state.NextAttempt!.Value - Host.Time.GetUtcNow(), TimeSpan.FromSeconds(0.7), TimeSpan.FromSeconds(1.3));
        Assert.Equal((IntegrationPhase.Failed, 1), (Host.Find("flaky")!.Status!.Status, Host.Find("flaky")!.Status!.Attempts));

        await Host.LetTimePassUntilAsync(() => Host.Find("flaky")!.Status!.Attempts == 2);
        await Host.LetTimePassUntilAsync(() => Host.Find("flaky")!.Status!.Status == IntegrationPhase.Created);
        Assert.Null(Host.Find("flaky")!.Status!.Attempts);
        Assert.Null(Host.Find("flaky")!.Status!.NextRetryTime);
    }

    [Fact]
    public async Task A_retry_in_a_minute_or_more_outlives_the_silo_as_a_reminder_until_it_succeeded()
    {
        var fails = true;
        Before("look patient", () => fails ? throw Wire.Failing(FailureKind.Transient, Reasons.Timeout) : Task.CompletedTask);
        Host.Cluster.Put(Named("patient").WithFinalizer().Status(s => s with { Attempts = 9, NextRetryTime = IntegrationBuilder.Born }).Build());

        await Host.PokeAsync("patient");

        var grain = Host.Integration("patient").GetGrainId();
        await GrainHost.UntilAsync(async () => await Host.Reminders.ReadRow(grain, NangoIntegrationGrain.RetryReminder) is not null);
        fails = false;
        await Host.LetTimePassUntilAsync(() => Host.Find("patient")!.Status!.Status == IntegrationPhase.Created);
        await GrainHost.UntilAsync(async () => await Host.Reminders.ReadRow(grain, NangoIntegrationGrain.RetryReminder) is null);
    }

    [Fact]
    public async Task A_retry_in_less_than_a_minute_needs_no_reminder()
    {
        Before("create brief", () => throw Wire.Failing(FailureKind.Transient, Reasons.Timeout));
        Put("brief");

        await Host.PokeAsync("brief");

        await UntilNextAttemptAsync("brief");
        Assert.Null(await Host.Reminders.ReadRow(Host.Integration("brief").GetGrainId(), NangoIntegrationGrain.RetryReminder, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_create_is_undone_when_its_resource_vanished_before_the_report()
    {
        Before("status team/lost", () => Task.FromResult(Host.Cluster.Vanish(new IntegrationKey("team", "lost"))));
        Put("lost");

        await Host.PokeAsync("lost");

        await GrainHost.UntilAsync(() => Host.Calls("lost").Contains("delete"));
        await UntilFreshAsync("lost");
        Assert.DoesNotContain("lost", Host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task A_create_is_not_undone_once_somebody_else_claims_the_key()
    {
        Before("status team/inherited", () =>
        {
            Host.Permissions.Owners["inherited"] = new IntegrationKey("other", "heir");
            return Task.FromResult(Host.Cluster.Vanish(new IntegrationKey("team", "inherited")));
        });
        Put("inherited");

        await Host.PokeAsync("inherited");

        await UntilFreshAsync("inherited");
        Assert.Contains("inherited", Host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task A_create_is_not_undone_when_Nango_shows_another_one_by_now()
    {
        Before("status team/replaced", () =>
        {
            var world = Host.Nango.Environment();
            world.Integrations["replaced"] = world.Integrations["replaced"] with { CreatedAt = world.Tick() };
            return Task.FromResult(Host.Cluster.Vanish(new IntegrationKey("team", "replaced")));
        });
        Put("replaced");

        await Host.PokeAsync("replaced");

        await UntilFreshAsync("replaced");
        Assert.Contains("replaced", Host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task A_resource_that_changed_meanwhile_is_read_again_at_once()
    {
        var edits = 1;
        Before("status team/moving", () => edits-- > 0 ? Task.FromResult(Host.Cluster.Edit(new IntegrationKey("team", "moving"), s => s with { DisplayName = "Edited" })) : Task.CompletedTask);
        Put("moving");

        await Host.PokeAsync("moving");

        await Host.UntilStatusAsync("moving", IntegrationPhase.Created);
        Assert.Equal(2, Host.Find("moving")!.Status!.ObservedGeneration);
        Assert.Equal("Edited", Host.Nango.Environment().Integrations["moving"].DisplayName);
        Assert.Equal(1, Host.Calls("moving").Count(c => c == "create"));
    }

    [Fact]
    public async Task A_used_up_limit_holds_every_grain_of_the_environment_and_fails_none()
    {
        var throttled = 1;
        Before("create first", () => throttled-- > 0 ? throw Wire.Failing(FailureKind.Throttled, Reasons.RateLimited, TimeSpan.FromSeconds(20)) : Task.CompletedTask);
        PutAt("first", "33333333-3333-4333-8333-333333333333");
        PutAt("second", "33333333-3333-4333-8333-333333333333");

        await Host.PokeAsync("first");
        await UntilNextAttemptAsync("first");
        await Host.PokeAsync("second");
        await UntilNextAttemptAsync("second");
        Assert.DoesNotContain("create", Host.Calls("second"));

        // To the second when they may: time that runs on while they are at work would be a wait that is told in status.
        foreach (var name in (string[])["first", "second"]) Host.Time.Advance(await TimeLeftAsync(name));
        await Host.UntilStatusAsync("first", IntegrationPhase.Created);
        await Host.UntilStatusAsync("second", IntegrationPhase.Created);
        Assert.Equal((1, 1), (Host.Calls("first").Count(c => c == "status"), Host.Calls("second").Count(c => c == "status")));
        Assert.Equal(2, Host.Calls("first").Count(c => c == "create"));
    }

    [Fact]
    public async Task A_recheck_that_met_a_held_environment_is_done_once_it_is_free()
    {
        const string Token = "44444444-4444-4444-8444-444444444444";
        PutAt("rotated", Token);
        await Host.PokeAsync("rotated");
        await Host.UntilStatusAsync("rotated", IntegrationPhase.Created);
        Before("create greedy", () => throw Wire.Failing(FailureKind.Throttled, Reasons.RateLimited, TimeSpan.FromSeconds(20)));
        PutAt("greedy", Token);
        await Host.PokeAsync("greedy");
        await UntilNextAttemptAsync("greedy");

        await Host.PokeAsync("rotated", recheck: true);
        await UntilNextAttemptAsync("rotated");
        Assert.DoesNotContain("look", Host.Calls("rotated"));

        await Host.LetTimePassUntilAsync(() => Host.Calls("rotated").Contains("look"));
    }

    [Fact]
    public async Task A_recheck_that_met_a_conflict_is_done_all_the_same()
    {
        await CreateAsync("crossed");
        Host.Nango.Environment().Integrations["crossed"] = Host.Nango.Environment().Integrations["crossed"] with { DisplayName = "By hand" };
        var conflicts = 1;
        Before("get team/crossed", () => conflicts-- > 0 ? throw Wire.Failing(FailureKind.Conflict, Reasons.ObjectChanged) : Task.CompletedTask);

        await Host.PokeAsync("crossed", recheck: true);

        await GrainHost.UntilAsync(() => Host.Nango.Environment().Integrations["crossed"].DisplayName == "Slack");
    }

    [Fact]
    public async Task A_defect_ends_the_run_only_and_it_is_tried_again()
    {
        var defects = 1;
        Before("create broken", () => defects-- > 0 ? throw new InvalidOperationException("A defect.") : Task.CompletedTask);
        Put("broken");

        await Host.PokeAsync("broken");

        await Host.LetTimePassUntilAsync(() => Host.Find("broken")!.Status?.Status == IntegrationPhase.Created);
    }

    [Fact]
    public async Task A_resource_that_cannot_be_read_is_read_later_and_called_no_defect()
    {
        var outages = 3;
        Before("get team/unreadable", () => outages-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.KubernetesUnavailable) : Task.CompletedTask);
        Put("unreadable");

        await Host.Integration("unreadable").Observe(new IntegrationPoke());

        await Host.LetTimePassUntilAsync(() => Host.Find("unreadable")!.Status?.Status == IntegrationPhase.Created);
        Assert.DoesNotContain(Host.Logs.Errors, line => line.Contains("team/unreadable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_status_that_could_not_be_written_is_written_later_and_nothing_is_created_twice()
    {
        var outages = 2;
        Before("status team/unheard", () => outages-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.KubernetesUnavailable) : Task.CompletedTask);
        Put("unheard");

        await Host.PokeAsync("unheard");

        await Host.LetTimePassUntilAsync(() => Host.Find("unheard")!.Status?.Status == IntegrationPhase.Created);
        await GrainHost.UntilAsync(() => Host.Cluster.Events.Any(e => e.Name == "team/unheard"));
        Assert.Equal(1, Host.Calls("unheard").Count(c => c == "create"));
        Assert.Single(Host.Cluster.Events, e => e.Name == "team/unheard");
    }

    [Fact]
    public async Task No_secret_shows_in_state_logs_events_or_status()
    {
        const string Canary = LeakDetector.Canary;
        var failures = 1;
        Before("create secretive", () => failures-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.Timeout) : Task.CompletedTask);
        Host.Cluster.PutSecret("vault", ("pw", Canary + "-in-secret"));
        Host.Cluster.Put(Named("secretive")
            .Spec(s => s with { NangoToken = SensitiveValue.FromLiteral(Canary + "-token"), Custom = new Dictionary<string, string>(StringComparer.Ordinal) { ["k"] = Canary } })
            .Credentials(c => c with
            {
                ClientId = SensitiveValue.FromLiteral(Canary + "-inline"),
                ClientSecret = SensitiveValue.FromSecret(new SecretKeySelector { Name = "vault", Key = "pw" }),
            })
            .Build());

        await Host.PokeAsync("secretive");
        await Host.LetTimePassUntilAsync(() => Host.Find("secretive")!.Status?.Status == IntegrationPhase.Created);

        Assert.Equal(Canary + "-in-secret", Host.Nango.Environment(Canary + "-token").Integrations["secretive"].Credentials!.ClientSecret);
        Assert.DoesNotContain(Canary, JsonSerializer.Serialize(await Host.Integration("secretive").GetState()), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, JsonSerializer.Serialize(Host.Find("secretive")!.Status), StringComparison.Ordinal);
        Assert.DoesNotContain(Host.Cluster.Events, e => e.Message.Contains(Canary, StringComparison.Ordinal));
        Assert.True(Host.Logs.Lines > 0);
        Assert.Empty(Host.Logs.Leaks);
    }

    private async Task<TimeSpan> TimeLeftAsync(string name)
    {
        var state = await Host.Integration(name).GetState();
        return state is { Running: false, NextAttempt: { } next } && next > Host.Time.GetUtcNow() ? next - Host.Time.GetUtcNow() : TimeSpan.Zero;
    }
}
