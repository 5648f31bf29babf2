using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

/// <summary><c>mode: Observe</c>: compared and reported, never written.</summary>
public sealed class ObservationPlannerTests
{
    [Fact]
    public void No_claim_is_asked_for_and_no_finalizer_put_on()
    {
        Seen.Start(Observing()).NextStep<Step.ReadResource>();
    }

    [Fact]
    public void One_that_was_managed_loses_its_finalizer_first()
    {
        Seen.Start(Observing().Applied()).NextStep<Step.DropFinalizer>();
    }

    [Fact]
    public void Agreement_is_reported_as_such()
    {
        var seen = Seen.Checked(Observing()).Has();

        var report = Report(seen, seen.Ending<Outcome.InSync>());
        Assert.True(report.Status!.IsTrue(ConditionTypes.Ready));
        Assert.Empty(report.Events);
        Assert.True(ReconcileTrigger.IsSettled(seen.Resource! with { Status = report.Status }));
    }

    [Fact]
    public void Differences_are_named_without_their_values()
    {
        var seen = Seen.Checked(Observing()).Has(A.Remote with { DisplayName = "Other", Credentials = A.Credentials with { ClientSecret = "their-secret" } });

        var outcome = seen.Ending<Outcome.Deviates>();
        Assert.Equal(["display_name", "credentials"], outcome.Fields);
        var ready = Report(seen, outcome).Status!.Condition(ConditionTypes.Ready)!;
        Assert.Equal(("False", Reasons.Differs), (ready.Status, ready.Reason));
        Assert.Contains("display_name, credentials", ready.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ready.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Another_provider_is_a_difference()
    {
        Assert.Equal(["provider"], Seen.Checked(Observing()).Has(A.Remote with { Provider = "slack-old" }).Ending<Outcome.Deviates>().Fields);
    }

    [Fact]
    public void What_Nango_does_not_show_is_no_difference()
    {
        var resource = Observing().Spec(s => s with { Custom = new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "b" } });

        Seen.Checked(resource).Has(A.Remote with { Credentials = null, CredentialsReadable = false }).Ending<Outcome.InSync>();
    }

    [Fact]
    public void Absence_is_reported_and_rests_until_the_next_check()
    {
        var seen = Seen.Checked(Observing()).Lacks();

        var report = Report(seen, seen.Ending<Outcome.Deviates>());
        Assert.Equal(Reasons.Absent, report.Status!.Condition(ConditionTypes.Ready)!.Reason);
        Assert.Null(report.LookAgainAfter);
        var reported = seen.Resource! with { Status = report.Status };
        Assert.Null(ReconcileTrigger.NextRun(reported, recheck: false, Seen.Now));
        Assert.Equal(Seen.Now, ReconcileTrigger.NextRun(reported, recheck: true, Seen.Now));
        Assert.Null(Report(seen with { Resource = reported }, new Outcome.Deviates(Reasons.Absent, [])).Status);
    }

    [Fact]
    public void Managed_again_it_is_taken_over()
    {
        var seen = Seen.Checked(An.Integration().Applied()).Has() with { ClaimedInThisRun = true };

        Assert.Equal(Reasons.Adopted, seen.Ending<Outcome.InSync>().Change);
    }

    [Fact]
    public void Deleting_one_that_still_has_the_finalizer_leaves_Nango_alone()
    {
        Assert.Equal(Reasons.Retained, Seen.Start(Observing().Applied().Deleting(DeletionPolicy.Delete)).NextStep<Step.RemoveFinalizer>().Because.Reason);
    }

    private static IntegrationBuilder Observing() => An.Integration().Spec(s => s with { Mode = ManagementMode.Observe });

    private static Report Report(Observed seen, Outcome outcome) => IntegrationReporter.Build(seen, outcome, Seen.Now, null, 0);
}
