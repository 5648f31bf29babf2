using System.Text.Json;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Hosting;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using Orleans.Runtime;

namespace NangoOrleans.Grains.Tests.Integrations;

/// <summary>Each test has a resource of its own, named after what happens to it; unique_key and name are the same.</summary>
public sealed class NangoIntegrationGrainTests(GrainHost host) : IClassFixture<GrainHost>, IDisposable
{
    public void Dispose()
    {
        host.Wire.Before = null;
        host.Wire.After = null;
    }

    [Fact]
    public async Task A_new_resource_is_created_with_two_writes_to_Kubernetes_and_one_to_Nango()
    {
        Put("new");

        await host.PokeAsync("new");

        await host.UntilStatusAsync("new", IntegrationPhase.Created);
        Assert.Equal(["finalizer-on", "create", "status"], host.Calls("new"));
        Assert.Contains(host.Cluster.Events, e => e is { Name: "team/new", Warning: false, Reason: Reasons.Created });
    }

    [Fact]
    public async Task Pokes_during_a_run_cause_exactly_one_more_run()
    {
        Put("busy");
        using var hold = HoldUp("create busy");
        await host.PokeAsync("busy");
        await hold.Reached;

        for (var i = 0; i < 5; i++) await host.PokeAsync("busy", recheck: true);
        Assert.True((await host.Integration("busy").GetState()).Running);
        hold.Dispose();

        await host.UntilRestingAsync("busy", runs: 2);
        Assert.Equal(2, (await host.Integration("busy").GetState()).Runs);
        Assert.Equal(["create", "look"], host.Calls("busy").Where(c => c is "create" or "look"));
    }

    [Fact]
    public async Task A_settled_resource_is_not_run_again_by_a_mere_poke()
    {
        await CreateAsync("calm");

        await host.PokeAsync("calm");
        await host.PokeAsync("calm", recheck: true);

        await host.UntilRestingAsync("calm", runs: 2);
        Assert.Equal(2, (await host.Integration("calm").GetState()).Runs);
        Assert.Equal(1, host.Calls("calm").Count(c => c == "status"));
    }

    [Fact]
    public async Task An_older_version_is_ignored_unless_a_list_shows_it_and_then_one_read_decides()
    {
        var old = Put("old");
        await host.PokeAsync("old");
        await host.UntilStatusAsync("old", IntegrationPhase.Created);
        await host.UntilRestingAsync("old", runs: 1);
        var forged = old with { Metadata = old.Metadata with { Generation = 99, ResourceVersion = "1" } };

        await host.PokeAsync("old", forged);
        Assert.Equal(1, (await host.Integration("old").GetState()).Generation);
        Assert.DoesNotContain("get", host.Calls("old"));

        await host.PokeAsync("old", forged, fromList: true);
        await host.UntilAsync(() => host.Calls("old").Contains("get"));
        Assert.Equal(1, (await host.Integration("old").GetState()).Generation);
    }

    [Fact]
    public async Task A_poke_without_a_snapshot_makes_a_fresh_activation_read_once()
    {
        Put("blind");

        await host.Integration("blind").Observe(new IntegrationPoke());

        await host.UntilStatusAsync("blind", IntegrationPhase.Created);
        Assert.Equal("get", host.Calls("blind")[0]);
    }

    [Fact]
    public async Task A_failure_backs_off_and_success_resets_it()
    {
        var failures = 2;
        Before("create flaky", () => failures-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.Timeout) : Task.CompletedTask);
        Put("flaky");

        await host.PokeAsync("flaky");
        await UntilNextAttemptAsync("flaky");
        var state = await host.Integration("flaky").GetState();
        Assert.Equal((1, 1), (state.Attempts, state.Runs));
        Assert.InRange(state.NextAttempt!.Value - host.Time.GetUtcNow(), TimeSpan.FromSeconds(0.7), TimeSpan.FromSeconds(1.3));
        Assert.Equal((IntegrationPhase.Failed, 1), (host.Find("flaky")!.Status!.Status, host.Find("flaky")!.Status!.Attempts));

        await host.LetTimePassUntilAsync(() => host.Find("flaky")!.Status!.Attempts == 2);
        await host.LetTimePassUntilAsync(() => host.Find("flaky")!.Status!.Status == IntegrationPhase.Created);
        Assert.Null(host.Find("flaky")!.Status!.Attempts);
        Assert.Null(host.Find("flaky")!.Status!.NextRetryTime);
    }

    [Fact]
    public async Task A_retry_in_a_minute_or_more_outlives_the_silo_as_a_reminder_until_it_succeeded()
    {
        var fails = true;
        Before("look patient", () => fails ? throw Wire.Failing(FailureKind.Transient, Reasons.Timeout) : Task.CompletedTask);
        host.Cluster.Put(Named("patient").WithFinalizer().Status(s => s with { Attempts = 9, NextRetryTime = IntegrationBuilder.Born }).Build());

        await host.PokeAsync("patient");

        var grain = host.Integration("patient").GetGrainId();
        await GrainHost.UntilAsync(async () => await host.Reminders.ReadRow(grain, NangoIntegrationGrain.RetryReminder) is not null);
        fails = false;
        await host.LetTimePassUntilAsync(() => host.Find("patient")!.Status!.Status == IntegrationPhase.Created);
        await GrainHost.UntilAsync(async () => await host.Reminders.ReadRow(grain, NangoIntegrationGrain.RetryReminder) is null);
    }

    [Fact]
    public async Task A_retry_in_less_than_a_minute_needs_no_reminder()
    {
        Before("create brief", () => throw Wire.Failing(FailureKind.Transient, Reasons.Timeout));
        Put("brief");

        await host.PokeAsync("brief");

        await UntilNextAttemptAsync("brief");
        Assert.Null(await host.Reminders.ReadRow(host.Integration("brief").GetGrainId(), NangoIntegrationGrain.RetryReminder));
    }

    [Fact]
    public async Task A_reminder_that_wakes_a_fresh_activation_makes_it_read_the_resource()
    {
        Put("woken");

        await host.Integration("woken").AsReference<IRemindable>().ReceiveReminder(NangoIntegrationGrain.RetryReminder, default);

        await host.UntilStatusAsync("woken", IntegrationPhase.Created);
        Assert.Equal("get", host.Calls("woken")[0]);
    }

    [Fact]
    public async Task A_reminder_of_a_resource_that_is_gone_does_nothing()
    {
        await host.Integration("never").AsReference<IRemindable>().ReceiveReminder(NangoIntegrationGrain.RetryReminder, default);

        await host.UntilAsync(() => host.Calls("never").Count == 1);
        Assert.Equal(["get"], host.Calls("never"));
    }

    [Fact]
    public async Task A_deleted_resource_is_taken_down_and_its_grain_goes()
    {
        await CreateAsync("doomed");
        host.Cluster.Delete(new IntegrationKey("team", "doomed"), host.Time.GetUtcNow());

        await host.PokeAsync("doomed");

        await host.UntilAsync(() => host.Find("doomed") is null);
        await UntilFreshAsync("doomed");
        Assert.Equal(["look", "connections", "delete", "finalizer-off"], host.Calls("doomed").SkipWhile(c => c != "look"));
        Assert.Contains(host.Cluster.Events, e => e is { Name: "team/doomed", Reason: Reasons.Deleted });
    }

    [Fact]
    public async Task A_resource_told_to_be_gone_costs_no_call()
    {
        await CreateAsync("gone");
        var before = host.Calls("gone").Count;

        await host.Integration("gone").Observe(new IntegrationPoke { Gone = true });

        await UntilFreshAsync("gone");
        Assert.Equal(before, host.Calls("gone").Count);
    }

    [Fact]
    public async Task A_resource_made_anew_while_the_former_one_is_taken_down_is_not_forgotten()
    {
        await CreateAsync("phoenix");
        host.Cluster.Delete(new IntegrationKey("team", "phoenix"), host.Time.GetUtcNow());
        host.Wire.After = async call =>
        {
            if (call != "finalizer-off team/phoenix") return;
            host.Cluster.Put(Named("phoenix").Meta(m => m with { Uid = "second life" }).Build());
            await host.PokeAsync("phoenix");
        };

        await host.PokeAsync("phoenix");

        await host.UntilAsync(() => host.Find("phoenix") is { Metadata.Uid: "second life", Status.Status: IntegrationPhase.Created });
    }

    [Fact]
    public async Task A_create_is_undone_when_its_resource_vanished_before_the_report()
    {
        Before("status team/lost", () => Task.FromResult(host.Cluster.Vanish(new IntegrationKey("team", "lost"))));
        Put("lost");

        await host.PokeAsync("lost");

        await host.UntilAsync(() => host.Calls("lost").Contains("delete"));
        Assert.DoesNotContain("lost", host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task A_create_is_not_undone_once_somebody_else_claims_the_key()
    {
        Before("status team/inherited", () =>
        {
            host.Permissions.Owners["inherited"] = new IntegrationKey("other", "heir");
            return Task.FromResult(host.Cluster.Vanish(new IntegrationKey("team", "inherited")));
        });
        Put("inherited");

        await host.PokeAsync("inherited");

        await UntilFreshAsync("inherited");
        Assert.Contains("inherited", host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task A_create_is_not_undone_when_Nango_shows_another_one_by_now()
    {
        Before("status team/replaced", () =>
        {
            var world = host.Nango.Environment();
            world.Integrations["replaced"] = world.Integrations["replaced"] with { CreatedAt = world.Tick() };
            return Task.FromResult(host.Cluster.Vanish(new IntegrationKey("team", "replaced")));
        });
        Put("replaced");

        await host.PokeAsync("replaced");

        await UntilFreshAsync("replaced");
        Assert.Contains("replaced", host.Nango.Environment().Integrations.Keys);
    }

    [Fact]
    public async Task A_resource_that_changed_meanwhile_is_read_again_at_once()
    {
        var edits = 1;
        Before("status team/moving", () => edits-- > 0 ? Task.FromResult(host.Cluster.Edit(new IntegrationKey("team", "moving"), s => s with { DisplayName = "Edited" })) : Task.CompletedTask);
        Put("moving");

        await host.PokeAsync("moving");

        await host.UntilStatusAsync("moving", IntegrationPhase.Created);
        Assert.Equal(2, host.Find("moving")!.Status!.ObservedGeneration);
        Assert.Equal("Edited", host.Nango.Environment().Integrations["moving"].DisplayName);
        Assert.Equal(1, host.Calls("moving").Count(c => c == "create"));
    }

    [Fact]
    public async Task A_used_up_limit_holds_every_grain_of_the_environment_and_fails_none()
    {
        var throttled = 1;
        Before("create first", () => throttled-- > 0 ? throw Wire.Failing(FailureKind.Throttled, Reasons.RateLimited, TimeSpan.FromSeconds(20)) : Task.CompletedTask);
        PutAt("first", "33333333-3333-4333-8333-333333333333");
        PutAt("second", "33333333-3333-4333-8333-333333333333");

        await host.PokeAsync("first");
        await UntilNextAttemptAsync("first");
        await host.PokeAsync("second");
        await UntilNextAttemptAsync("second");
        Assert.DoesNotContain("create", host.Calls("second"));

        await host.LetTimePassUntilAsync(() => host.Find("first")!.Status?.Status == IntegrationPhase.Created && host.Find("second")!.Status?.Status == IntegrationPhase.Created);
        Assert.Equal((1, 1), (host.Calls("first").Count(c => c == "status"), host.Calls("second").Count(c => c == "status")));
        Assert.Equal(2, host.Calls("first").Count(c => c == "create"));
    }

    [Fact]
    public async Task A_recheck_that_met_a_held_environment_is_done_once_it_is_free()
    {
        const string Token = "44444444-4444-4444-8444-444444444444";
        PutAt("rotated", Token);
        await host.PokeAsync("rotated");
        await host.UntilStatusAsync("rotated", IntegrationPhase.Created);
        Before("create greedy", () => throw Wire.Failing(FailureKind.Throttled, Reasons.RateLimited, TimeSpan.FromSeconds(20)));
        PutAt("greedy", Token);
        await host.PokeAsync("greedy");
        await UntilNextAttemptAsync("greedy");

        await host.PokeAsync("rotated", recheck: true);
        await UntilNextAttemptAsync("rotated");
        Assert.DoesNotContain("look", host.Calls("rotated"));

        await host.LetTimePassUntilAsync(() => host.Calls("rotated").Contains("look"));
    }

    [Fact]
    public async Task A_recheck_that_met_a_conflict_is_done_all_the_same()
    {
        await CreateAsync("crossed");
        host.Nango.Environment().Integrations["crossed"] = host.Nango.Environment().Integrations["crossed"] with { DisplayName = "By hand" };
        var conflicts = 1;
        Before("get team/crossed", () => conflicts-- > 0 ? throw Wire.Failing(FailureKind.Conflict, Reasons.ObjectChanged) : Task.CompletedTask);

        await host.PokeAsync("crossed", recheck: true);

        await host.UntilAsync(() => host.Nango.Environment().Integrations["crossed"].DisplayName == "Slack");
    }

    [Fact]
    public async Task A_defect_ends_the_run_only_and_it_is_tried_again()
    {
        var defects = 1;
        Before("create broken", () => defects-- > 0 ? throw new InvalidOperationException("A defect.") : Task.CompletedTask);
        Put("broken");

        await host.PokeAsync("broken");

        await host.LetTimePassUntilAsync(() => host.Find("broken")!.Status?.Status == IntegrationPhase.Created);
    }

    [Fact]
    public async Task A_status_that_could_not_be_written_is_written_later_and_nothing_is_created_twice()
    {
        var outages = 2;
        Before("status team/unheard", () => outages-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.KubernetesUnavailable) : Task.CompletedTask);
        Put("unheard");

        await host.PokeAsync("unheard");

        await host.LetTimePassUntilAsync(() => host.Find("unheard")!.Status?.Status == IntegrationPhase.Created);
        Assert.Equal(1, host.Calls("unheard").Count(c => c == "create"));
        Assert.Single(host.Cluster.Events, e => e.Name == "team/unheard");
    }

    [Fact]
    public async Task No_secret_shows_in_state_logs_events_or_status()
    {
        const string Canary = LeakDetector.Canary;
        var failures = 1;
        Before("create secretive", () => failures-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.Timeout) : Task.CompletedTask);
        host.Cluster.PutSecret("vault", ("pw", Canary + "-in-secret"));
        host.Cluster.Put(Named("secretive")
            .Spec(s => s with { NangoToken = SensitiveValue.FromLiteral(Canary + "-token"), Custom = new Dictionary<string, string>(StringComparer.Ordinal) { ["k"] = Canary } })
            .Credentials(c => c with
            {
                ClientId = SensitiveValue.FromLiteral(Canary + "-inline"),
                ClientSecret = SensitiveValue.FromSecret(new SecretKeySelector { Name = "vault", Key = "pw" }),
            })
            .Build());

        await host.PokeAsync("secretive");
        await host.LetTimePassUntilAsync(() => host.Find("secretive")!.Status?.Status == IntegrationPhase.Created);

        Assert.Equal(Canary + "-in-secret", host.Nango.Environment(Canary + "-token").Integrations["secretive"].Credentials!.ClientSecret);
        Assert.DoesNotContain(Canary, JsonSerializer.Serialize(await host.Integration("secretive").GetState()), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, JsonSerializer.Serialize(host.Find("secretive")!.Status), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Cluster.Events, e => e.Message.Contains(Canary, StringComparison.Ordinal));
        Assert.True(host.Logs.Lines > 0);
        Assert.Empty(host.Logs.Leaks);
    }

    private static IntegrationBuilder Named(string name) => An.Integration().Named(name).Spec(s => s with { UniqueKey = name });

    private NangoIntegration Put(string name) => host.Cluster.Put(Named(name).Build());

    private void PutAt(string name, string token) => host.Cluster.Put(Named(name).Spec(s => s with { NangoToken = SensitiveValue.FromLiteral(token) }).Build());

    private async Task CreateAsync(string name)
    {
        Put(name);
        await host.PokeAsync(name);
        await host.UntilStatusAsync(name, IntegrationPhase.Created);
        await host.UntilRestingAsync(name, runs: 1);
    }

    private Task UntilNextAttemptAsync(string name) => GrainHost.UntilAsync(async () => (await host.Integration(name).GetState()).NextAttempt is not null);

    // A new activation has not run yet.
    private Task UntilFreshAsync(string name) => GrainHost.UntilAsync(async () => await host.Integration(name).GetState() is { Runs: 0, Uid: null });

    private void Before(string call, Func<Task> happens) => host.Wire.Before = actual => actual == call ? happens() : Task.CompletedTask;

    private Stop HoldUp(string call)
    {
        var stop = new Stop();
        Before(call, stop.WaitAsync);
        return stop;
    }

    private sealed class Stop : IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously), _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);

        public Task WaitAsync()
        {
            _reached.TrySetResult();
            return _open.Task;
        }

        public void Dispose() => _open.TrySetResult();
    }
}
