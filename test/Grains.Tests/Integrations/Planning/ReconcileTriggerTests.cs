using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

public sealed class ReconcileTriggerTests
{
    private static readonly DateTimeOffset Now = IntegrationBuilder.Born.AddDays(1), Later = Now.AddMinutes(5), Earlier = Now.AddMinutes(-5);

    [Fact]
    public void A_new_resource_runs_at_once() => Assert.Equal(Now, Next(An.Integration()));

    [Fact]
    public void A_resource_with_the_default_status_of_the_schema_runs_at_once() => Assert.Equal(Now, Next(An.Integration().Status(s => s with { ObservedGeneration = -1 })));

    [Fact]
    public void A_settled_resource_rests_until_asked_to_look_again()
    {
        Assert.Null(Next(An.Integration().Applied()));
        Assert.Equal(Now, Next(An.Integration().Applied(), recheck: true));
        Assert.True(ReconcileTrigger.IsSettled(An.Integration().Applied().Build()));
    }

    [Fact]
    public void A_changed_spec_runs_at_once_even_while_a_retry_is_due_later() =>
        Assert.Equal(Now, Next(An.Integration().Applied().Status(s => s with { NextRetryTime = Later }).Generation(2)));

    [Fact]
    public void A_request_by_annotation_runs_once()
    {
        Assert.Equal(Now, Next(An.Integration().Applied().Requested("now")));
        Assert.Null(Next(An.Integration().Applied().Requested("now").Status(s => s with { LastHandledReconcileAt = "now" })));
        Assert.False(ReconcileTrigger.IsSettled(An.Integration().Applied().Requested("again").Status(s => s with { LastHandledReconcileAt = "now" }).Build()));
    }

    [Fact]
    public void A_retry_is_not_advanced_by_a_mere_poke()
    {
        Assert.Equal(Later, Next(Failed(Later)));
        Assert.Equal(Now, Next(Failed(Earlier)));
        Assert.Equal(Now, Next(Failed(Later), recheck: true));
    }

    [Fact]
    public void A_stalled_resource_rests_until_something_changes()
    {
        Assert.Null(Next(An.Integration().WithFinalizer().Stalled(Reasons.InvalidSpec)));
        Assert.Equal(Now, Next(An.Integration().WithFinalizer().Stalled(Reasons.InvalidSpec), recheck: true));
        Assert.Equal(Now, Next(An.Integration().WithFinalizer().Stalled(Reasons.InvalidSpec).Generation(2)));
        Assert.False(ReconcileTrigger.IsSettled(An.Integration().WithFinalizer().Stalled(Reasons.InvalidSpec).Build()));
    }

    [Fact]
    public void A_suspended_resource_rests_and_counts_as_settled()
    {
        var suspended = An.Integration().Status(s => s with { Status = IntegrationPhase.Suspended });

        Assert.Null(Next(suspended));
        Assert.True(ReconcileTrigger.IsSettled(suspended.Build()));
    }

    [Fact]
    public void A_retry_time_that_no_report_can_hold_is_not_waited_for()
    {
        Assert.Equal(Now, Next(Failed(Now.AddYears(1))));
        Assert.Equal(Now, Next(An.Integration().Applied().Status(s => s with { NextRetryTime = Later })));
        Assert.Equal(Now, Next(An.Integration().WithFinalizer().Stalled(Reasons.InvalidSpec).Status(s => s with { NextRetryTime = Later })));
        Assert.Equal(Now, Next(Failed(Now.AddYears(1)).Deleting().Status(s => s with { DeletionFailingSince = Earlier })));
    }

    public static TheoryData<string, Func<NangoIntegrationStatus, NangoIntegrationStatus>> Additions => new()
    {
        { "a retry time", s => s with { NextRetryTime = Later } },
        { "attempts", s => s with { Attempts = 3 } },
        { "a failing deletion", s => s with { DeletionFailingSince = Earlier } },
        { "a condition of another type", s => s with { Conditions = [.. s.Conditions, new Condition { Type = "Approved", Status = "True" }] } },
    };

    [Theory]
    [MemberData(nameof(Additions), DisableDiscoveryEnumeration = true)]
    public void What_others_put_into_the_status_of_a_settled_resource_unsettles_it(string what, Func<NangoIntegrationStatus, NangoIntegrationStatus> edit)
    {
        var edited = An.Integration().Applied().Status(edit);

        Assert.False(ReconcileTrigger.IsSettled(edited.Build()), what);
        Assert.Equal(Now, Next(edited));
    }

    [Fact]
    public void A_resource_whose_finalizer_was_taken_off_by_somebody_runs_at_once() =>
        Assert.Equal(Now, Next(An.Integration().Applied().Meta(m => m with { Finalizers = [] })));

    [Fact]
    public void A_resource_whose_waiting_was_reported_is_not_settled() =>
        Assert.Equal(Now, Next(An.Integration().Applied().Status(s => s with { Conditions = [.. s.Conditions, new Condition { Type = ConditionTypes.Reconciling, Status = "True" }] })));

    [Fact]
    public void A_deletion_runs_at_once_whatever_the_status_says()
    {
        Assert.Equal(Now, Next(An.Integration().Applied().Deleting()));
        Assert.Equal(Now, Next(An.Integration().Stalled(Reasons.InvalidSpec).Deleting()));
        Assert.Equal(Now, Next(An.Integration().Applied().Status(s => s with { NextRetryTime = Later }).Deleting()));
    }

    [Fact]
    public void A_failing_deletion_waits_for_its_retry()
    {
        var failing = An.Integration().Applied().Deleting().Status(s => s with { DeletionFailingSince = Earlier, NextRetryTime = Later });

        Assert.Equal(Later, Next(failing));
        Assert.Equal(Now, Next(failing, recheck: true));
        Assert.Equal(Now, Next(failing.Status(s => s with { NextRetryTime = Earlier })));
    }

    [Fact]
    public void A_deletion_without_our_finalizer_is_none_of_our_business() =>
        Assert.Null(Next(An.Integration().Deleting().Meta(m => m with { Finalizers = ["somebody/else"] }), recheck: true));

    private static IntegrationBuilder Failed(DateTimeOffset retry) =>
        An.Integration().Applied().Status(s => s with { Attempts = 1, NextRetryTime = retry, Conditions = [new Condition { Type = ConditionTypes.Ready, Status = "False" }] });

    private static DateTimeOffset? Next(IntegrationBuilder resource, bool recheck = false) => ReconcileTrigger.NextRun(resource.Build(), recheck, Now);
}
