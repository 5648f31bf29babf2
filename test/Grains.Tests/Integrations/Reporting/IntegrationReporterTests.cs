using System.Text.Json;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Reporting;

public sealed class IntegrationReporterTests
{
    private const string Canary = "canary-4711";

    private static readonly DateTimeOffset Now = Seen.Now;
    private static readonly Outcome.InSync Unchanged = new(null, []);
    private static readonly Outcome.Waiting Limit = new(Reasons.RateLimited, "Waiting for Nango", TimeSpan.FromSeconds(20));

    [Fact]
    public void A_creation_is_ready_and_says_what_Nango_has()
    {
        var report = Build(Seen.Checked(An.Integration().WithFinalizer()).Has(), new Outcome.InSync(Reasons.Created, []));

        var status = report.Status!;
        Assert.Equal((IntegrationPhase.Created, "", "slack-key", 1, Now), (status.Status, status.ErrorMessage, status.IntegrationId, status.ObservedGeneration, status.LastUpdated));
        Assert.Equal((A.Remote.CreatedAt, A.Remote.UpdatedAt), (status.Nango!.CreatedAt, status.Nango.UpdatedAt));
        Assert.Equal(new EnvironmentStatus { BaseUrl = A.BaseUrl, Key = new NangoEndpoint(A.BaseUrl, A.Token).EnvironmentKey }, status.Environment);
        Assert.True(status.IsTrue(ConditionTypes.Ready) && status.IsTrue(ConditionTypes.IntegrationCreated));
        Assert.Null(report.LookAgainAfter);
    }

    [Fact]
    public void A_resync_that_found_nothing_writes_nothing_and_tells_nothing()
    {
        var report = Build(Seen.Checked(An.Integration().Applied()).Has(), Unchanged);

        Assert.Equal((null, null, 0), (report.Status, report.LookAgainAfter, report.Events.Count));
    }

    [Fact]
    public void Secrets_that_were_applied_are_remembered_by_version()
    {
        var secret = new ObservedSecret { Name = "app", Uid = "s", ResourceVersion = "2" };

        Assert.Equal([secret], Build(Seen.Checked(An.Integration().Applied(), A.Token, secret).Has(), Unchanged).Status!.ObservedSecrets!);
    }

    [Fact]
    public void A_request_by_annotation_is_echoed_whatever_came_of_it()
    {
        var resource = An.Integration().Applied().Requested("today");

        Assert.Equal("today", Build(Seen.Checked(resource).Has(), Unchanged).Status!.LastHandledReconcileAt);
        Assert.Equal("today", Build(Seen.Checked(resource), Failed(FailureKind.Terminal, Reasons.Rejected)).Status!.LastHandledReconcileAt);
        Assert.Equal("today", Build(Seen.Checked(resource), Failed(FailureKind.Transient, Reasons.Timeout)).Status!.LastHandledReconcileAt);
    }

    [Fact]
    public void A_transition_time_moves_only_with_its_status()
    {
        var updated = Build(Seen.Checked(An.Integration().Applied()).Has(A.Remote with { UpdatedAt = "later" }), new Outcome.InSync(Reasons.Updated, ["display_name"])).Status!;
        var failed = Build(Seen.Checked(An.Integration().Applied()), Failed(FailureKind.Terminal, Reasons.Rejected)).Status!;

        Assert.All(updated.Conditions, c => Assert.Equal(IntegrationBuilder.Born, c.LastTransitionTime));
        Assert.Equal(Reasons.Updated, updated.Condition(ConditionTypes.Ready)!.Reason);
        Assert.Equal(Now, failed.Condition(ConditionTypes.Ready)!.LastTransitionTime);
        Assert.Equal(IntegrationBuilder.Born, failed.Condition(ConditionTypes.IntegrationCreated)!.LastTransitionTime);
    }

    [Fact]
    public void A_terminal_failure_stalls_without_a_retry_and_keeps_what_is_known_of_Nango()
    {
        var report = Build(Seen.Checked(An.Integration().Applied()), Failed(FailureKind.Terminal, Reasons.Rejected));

        var status = report.Status!;
        Assert.Equal((IntegrationPhase.Failed, "It failed.", A.Remote.CreatedAt), (status.Status, status.ErrorMessage, status.Nango?.CreatedAt));
        Assert.True(status.IsTrue(ConditionTypes.Stalled));
        Assert.False(status.IsTrue(ConditionTypes.Ready));
        Assert.True(status.IsTrue(ConditionTypes.IntegrationCreated));
        Assert.Equal((null, null, null), (status.NextRetryTime, status.Attempts, report.LookAgainAfter));
    }

    [Fact]
    public void A_creation_that_failed_says_so_in_the_conditions_of_the_original_operator()
    {
        var status = Build(Seen.Start(An.Integration()), Failed(FailureKind.Terminal, Reasons.InvalidSpec)).Status!;

        Assert.False(status.IsTrue(ConditionTypes.IntegrationCreated));
        Assert.True(status.IsTrue(ConditionTypes.IntegrationCreationFailed));
    }

    [Fact]
    public void A_transient_failure_is_counted_and_retried_at_the_time_it_says()
    {
        var report = Build(Seen.Start(An.Integration()), Failed(FailureKind.Transient, Reasons.Timeout));

        var status = report.Status!;
        Assert.Equal((1, TimeSpan.FromSeconds(1)), (status.Attempts, report.LookAgainAfter));
        Assert.InRange(status.NextRetryTime!.Value, Now + TimeSpan.FromSeconds(1), Now + TimeSpan.FromSeconds(2));
        Assert.Equal(0, status.NextRetryTime.Value.Millisecond);
        Assert.True(status.IsTrue(ConditionTypes.Reconciling));
        Assert.Null(status.Condition(ConditionTypes.Stalled));
    }

    [Fact]
    public void Attempts_add_up_and_start_anew_with_a_new_generation_and_with_the_deletion()
    {
        var thrice = An.Integration().WithFinalizer().Status(s => s with { Attempts = 3, NextRetryTime = Now });

        Assert.Equal(4, Attempts(thrice));
        Assert.Equal(1, Attempts(thrice.Generation(2)));
        Assert.Equal(1, Attempts(An.Integration().WithFinalizer().Status(s => s with { Attempts = 3, NextRetryTime = Now }).Deleting()));

        static int? Attempts(IntegrationBuilder resource) => Build(Seen.Start(resource), Failed(FailureKind.Transient, Reasons.Timeout)).Status!.Attempts;
    }

    [Fact]
    public void Success_forgets_the_failed_attempts()
    {
        var failing = An.Integration().Applied().Stalled(Reasons.Timeout).Status(s => s with { Attempts = 3, NextRetryTime = Now, ErrorMessage = "It failed." });

        var status = Build(Seen.Checked(failing).Has(), Unchanged).Status!;

        Assert.Equal((null, null, "", IntegrationPhase.Created), (status.Attempts, status.NextRetryTime, status.ErrorMessage, status.Status));
        Assert.Null(status.Condition(ConditionTypes.Stalled));
        Assert.Equal(Reasons.Created, status.Condition(ConditionTypes.Ready)!.Reason);
    }

    [Fact]
    public void A_server_error_that_repeats_becomes_permanent_but_never_for_a_deletion()
    {
        var failing = An.Integration().WithFinalizer().Status(s => s with { Attempts = RetryPolicy.ServerErrorLimit - 1, NextRetryTime = Now });
        var serverError = Failed(FailureKind.Transient, Reasons.ServerError);

        Assert.True(Build(Seen.Start(failing), serverError).Status!.IsTrue(ConditionTypes.Stalled));
        Assert.True(Build(Seen.Start(failing), Failed(FailureKind.Transient, Reasons.Timeout)).Status!.IsTrue(ConditionTypes.Reconciling));
        Assert.True(Build(Seen.Start(failing.Deleting().Status(s => s with { DeletionFailingSince = Now })), serverError).Status!.IsTrue(ConditionTypes.Reconciling));
    }

    [Fact]
    public void A_failing_deletion_remembers_since_when()
    {
        var first = Build(Seen.Start(An.Integration().Applied().Deleting()), Failed(FailureKind.Transient, Reasons.Timeout)).Status!;
        var second = Build(Seen.Start(An.Integration().Applied().Deleting().Status(s => s with { DeletionFailingSince = Now.AddMinutes(-7), Attempts = 2 })), Failed(FailureKind.Transient, Reasons.Timeout)).Status!;

        Assert.Equal((IntegrationPhase.Deleting, Now, 1), (first.Status, first.DeletionFailingSince, first.Attempts));
        Assert.Equal((Now.AddMinutes(-7), 3), (second.DeletionFailingSince, second.Attempts));
    }

    [Fact]
    public void A_deletion_that_counted_connections_and_then_failed_shows_their_number()
    {
        var seen = Seen.Start(An.Integration().Applied().Deleting()) with { ConnectionsCounted = true, Connections = 0 };
        var counted = Build(seen, Failed(FailureKind.Transient, Reasons.ServerError)).Status!;
        var before = An.Integration().Applied().Deleting().Status(_ => counted);

        Assert.Equal(0, counted.Nango?.Connections);
        Assert.Equal(A.Remote.CreatedAt, counted.Nango?.CreatedAt);
        // A later try that fails before the count has nothing newer to say; one that may not count any more has.
        Assert.Equal(0, Build(Seen.Start(before), Failed(FailureKind.Transient, Reasons.Timeout)).Status!.Nango?.Connections);
        Assert.Null(Build(Seen.Start(before) with { ConnectionsCounted = true }, Failed(FailureKind.Transient, Reasons.Timeout)).Status!.Nango?.Connections);
    }

    [Fact]
    public void What_a_run_made_is_remembered_even_though_a_later_step_failed()
    {
        var seen = Seen.Checked(An.Integration().WithFinalizer()).Has() with { Created = true };

        Assert.Equal(A.Remote.CreatedAt, Build(seen, Failed(FailureKind.Transient, Reasons.Timeout)).Status!.Nango!.CreatedAt);
    }

    [Fact]
    public void A_change_that_does_not_show_stalls_and_remembers_when_Nango_took_it()
    {
        var seen = Seen.Checked(An.Integration().Applied()).Has(A.Remote with { UpdatedAt = "later" });

        Assert.Equal("later", Build(seen, Failed(FailureKind.Terminal, Reasons.NotApplied)).Status!.Nango!.UpdatedAt);
    }

    [Fact]
    public void A_conflict_names_the_owner_and_what_to_do()
    {
        var status = Build(Seen.Start(An.Integration()), new Outcome.Conflict(new IntegrationKey("other", "slack"))).Status!;

        Assert.Equal(IntegrationPhase.Conflict, status.Status);
        Assert.Equal(Reasons.KeyConflict, status.Condition(ConditionTypes.Stalled)!.Reason);
        Assert.Contains("belongs to other/slack: choose another key", status.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conflict_that_follows_a_failure_leaves_no_retry_behind()
    {
        var failing = An.Integration().WithFinalizer().Status(s => s with { Attempts = 3, NextRetryTime = Now });

        var status = Build(Seen.Start(failing), new Outcome.Conflict(new IntegrationKey("other", "slack"))).Status!;

        Assert.Equal((null, null), (status.Attempts, status.NextRetryTime));
    }

    [Fact]
    public void A_suspended_resource_keeps_its_readiness_and_says_why_nothing_happens()
    {
        var status = Build(Seen.Start(An.Integration().Applied()), new Outcome.Suspended()).Status!;

        Assert.Equal((IntegrationPhase.Suspended, true, Reasons.Suspended), (status.Status, status.IsTrue(ConditionTypes.Ready), status.Condition(ConditionTypes.Ready)!.Reason));
        Assert.False(Build(Seen.Start(An.Integration()), new Outcome.Suspended()).Status!.IsTrue(ConditionTypes.Ready));
    }

    [Fact]
    public void A_short_wait_is_not_worth_a_write()
    {
        var report = Build(Seen.Start(An.Integration()), Limit, waitingSince: Now.AddSeconds(-29));

        Assert.Null(report.Status);
        Assert.Equal(TimeSpan.FromSeconds(20.5), report.LookAgainAfter);
    }

    [Fact]
    public void A_longer_wait_is_told_once_and_leaves_readiness_as_it_was()
    {
        var resource = An.Integration().Applied();

        var status = Build(Seen.Start(resource), Limit, Now.AddSeconds(-30)).Status!;

        Assert.True(status.IsTrue(ConditionTypes.Ready));
        Assert.Equal((Reasons.RateLimited, "Waiting for Nango."), (status.Condition(ConditionTypes.Reconciling)!.Reason, status.Condition(ConditionTypes.Reconciling)!.Message));
        Assert.Null(status.Attempts);

        var again = Build(Seen.Start(resource.Status(_ => status)), Limit, Now.AddSeconds(-90));
        Assert.Null(again.Status);
        Assert.NotNull(again.LookAgainAfter);
    }

    [Fact]
    public void A_new_resource_that_waits_is_pending()
    {
        var status = Build(Seen.Start(An.Integration()), Limit, Now.AddSeconds(-31)).Status!;

        Assert.Equal((IntegrationPhase.Pending, false, true), (status.Status, status.IsTrue(ConditionTypes.Ready), status.IsTrue(ConditionTypes.Reconciling)));
    }

    [Theory]
    [InlineData(Reasons.Created, false)]
    [InlineData(Reasons.Adopted, false)]
    [InlineData(Reasons.Updated, false)]
    [InlineData(Reasons.Recreated, true)]
    public void Each_change_is_one_event(string change, bool warning)
    {
        var told = Assert.Single(Build(Seen.Checked(An.Integration().Applied()).Has(), new Outcome.InSync(change, ["display_name"])).Events);

        Assert.Equal((change, warning), (told.Reason, told.Warning));
    }

    [Fact]
    public void A_failure_is_an_event_once_and_again_only_when_it_changes()
    {
        var resource = An.Integration().WithFinalizer();
        var first = Build(Seen.Start(resource), Failed(FailureKind.Transient, Reasons.Timeout));
        var second = Build(Seen.Start(resource.Status(_ => first.Status!)), Failed(FailureKind.Transient, Reasons.Timeout));
        var other = Build(Seen.Start(resource.Status(_ => second.Status!)), Failed(FailureKind.Transient, Reasons.Unreachable));

        Assert.Equal((true, Reasons.Timeout), (first.Events.Single().Warning, first.Events.Single().Reason));
        Assert.Empty(second.Events);
        Assert.Equal(2, second.Status!.Attempts);
        Assert.Single(other.Events);
    }

    [Fact]
    public void An_edit_to_another_environment_says_where_the_former_integration_was_left()
    {
        var seen = Seen.Checked(An.Integration().Applied(token: A.OtherToken)).Has(A.Remote with { CreatedAt = "2026-03-01T00:00:00.000Z" });

        var events = Build(seen, new Outcome.InSync(Reasons.Created, [])).Events;

        Assert.Contains(events, e => e.Warning && e.Reason == Reasons.Retained && e.Message.Contains(new NangoEndpoint(A.BaseUrl, A.OtherToken).EnvironmentKey, StringComparison.Ordinal));
    }

    [Fact]
    public void A_release_is_an_event_without_a_status()
    {
        var report = Build(Seen.Resolved(An.Integration().Applied().Deleting()), new Outcome.Released(Reasons.InUse, "Kept.", Warning: true));

        Assert.Equal(new ReportedEvent(true, Reasons.InUse, "Kept."), Assert.Single(report.Events));
        Assert.Null(report.Status);
    }

    public static TheoryData<string, Outcome> Outcomes => new()
    {
        { "created", new Outcome.InSync(Reasons.Created, []) },
        { "updated", new Outcome.InSync(Reasons.Updated, ["credentials"]) },
        { "suspended", new Outcome.Suspended() },
        { "conflict", new Outcome.Conflict(new IntegrationKey("other", "slack")) },
        { "transient", Failed(FailureKind.Transient, Reasons.Timeout) },
        { "terminal", Failed(FailureKind.Terminal, Reasons.Rejected) },
        { "not applied", Failed(FailureKind.Terminal, Reasons.NotApplied) },
        { "waiting", Limit },
    };

    [Theory]
    [MemberData(nameof(Outcomes), DisableDiscoveryEnumeration = true)]
    public void Whatever_follows_whatever_the_conditions_keep_their_rules_and_the_same_twice_writes_once(string name, Outcome second)
    {
        _ = name;
        foreach (var first in Outcomes.Select(row => row.Data.Item2))
        {
            var resource = An.Integration().WithFinalizer();
            var one = Build(Seen.Checked(resource).Has(), first, Now.AddMinutes(-1)).Status!;
            ConditionRules.AssertHold(null, one);

            var two = Build(Seen.Checked(resource.Status(_ => one)).Has(), second, Now.AddMinutes(-1)).Status;
            if (two is null) continue;
            ConditionRules.AssertHold(one, two);
            if (second is Outcome.Failed { Failure.Kind: FailureKind.Transient }) continue;
            // What a run changed is news each time; afterwards there is nothing to change.
            var settled = second is Outcome.InSync ? Unchanged : second;
            Assert.Null(Build(Seen.Checked(resource.Status(_ => two)).Has(), settled, Now.AddMinutes(-1)).Status);
        }
    }

    [Theory]
    [MemberData(nameof(Outcomes), DisableDiscoveryEnumeration = true)]
    public void No_report_holds_a_secret(string name, Outcome outcome)
    {
        _ = name;
        var resource = An.Integration().WithFinalizer().Credentials(c => c with { ClientSecret = SensitiveValue.FromLiteral(Canary) });
        var seen = Seen.Checked(resource, token: Canary).Has(A.Remote with { Credentials = A.Credentials with { ClientSecret = Canary } });
        seen = seen with { Values = seen.Values! with { Credentials = A.Credentials with { ClientSecret = Canary } } };

        var report = Build(seen, outcome, Now.AddMinutes(-1));

        Assert.DoesNotContain(Canary, JsonSerializer.Serialize(report.Status) + string.Join(' ', report.Events), StringComparison.Ordinal);
    }

    private static Report Build(Observed seen, Outcome outcome, DateTimeOffset? waitingSince = null) =>
        IntegrationReporter.Build(seen, outcome, Now.AddMilliseconds(400), waitingSince, chance: 0.5);

    private static Outcome.Failed Failed(FailureKind kind, string reason) => new(new Failure(kind, reason, "It failed"));
}
