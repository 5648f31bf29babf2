using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

/// <summary>What an environment object means for the life of an integration.</summary>
public sealed class EnvironmentPlanningTests
{
    private static readonly EnvironmentId Id = new("team", "production");

    [Fact]
    public void Nothing_is_claimed_or_marked_where_the_environment_refuses()
    {
        var seen = Refused(An.Integration(), new Failure(FailureKind.Terminal, Reasons.EnvironmentNotAllowed, "No."));

        Assert.Equal(Reasons.EnvironmentNotAllowed, seen.Refusal().Reason);
    }

    [Fact]
    public void A_missing_environment_is_tried_again_and_an_outage_is_waited_for()
    {
        Assert.Equal(FailureKind.Transient, Refused(An.Integration(), EnvironmentUse.NotFound(Id)).Ending<Outcome.Failed>().Failure.Kind);
        Assert.Equal(Reasons.Progressing, Refused(An.Integration(), EnvironmentUse.Wait("Waiting.")).Ending<Outcome.Waiting>().Reason);
    }

    [Fact]
    public void A_suspended_environment_suspends_its_integrations_and_keeps_their_Ready()
    {
        var seen = Seen.Start(An.Integration().Applied()) with { Environment = new EnvironmentBuilder().Spec(s => s with { Suspend = true }).Build() };

        var outcome = seen.Ending<Outcome.Suspended>();
        var status = IntegrationReporter.Build(seen, outcome, Seen.Now, null, 0).Status!;

        Assert.Equal((IntegrationPhase.Suspended, "True", Reasons.EnvironmentSuspended), (status.Status, status.Condition("Ready")!.Status, status.Condition("Ready")!.Reason));
        Assert.Equal("Left alone while NangoEnvironment production is suspended.", status.Condition("Ready")!.Message);
    }

    [Theory]
    [InlineData(DeletionPolicy.Delete)]
    [InlineData(DeletionPolicy.DeleteIfUnused)]
    public void Deletion_protection_wins_over_every_policy_and_asks_Nango_nothing(DeletionPolicy policy)
    {
        var seen = Protected(An.Integration().Applied().Status(s => s with { Environment = new EnvironmentStatus { BaseUrl = A.BaseUrl, Key = "uid-production" } }).Deleting(policy));

        var because = seen.NextStep<Step.RemoveFinalizer>().Because;

        Assert.Equal((Reasons.Retained, true), (because.Reason, because.Warning));
    }

    [Fact]
    public void Protection_of_an_environment_that_it_was_never_applied_to_keeps_nothing_in_the_one_it_was()
    {
        var moved = An.Integration().Applied(token: A.OtherToken).Deleting(DeletionPolicy.Delete);

        Protected(moved).NextStep<Step.FindOwner>();
        // The same integration seen through the protected one: there it stays.
        var rotated = Seen.Resolved(moved).Has() with { RecordedTried = true, Environment = Protected(moved).Environment };
        Assert.Equal(Reasons.Retained, rotated.NextStep<Step.RemoveFinalizer>().Because.Reason);
    }

    [Fact]
    public void A_suspended_environment_does_not_hold_up_deletions()
    {
        var seen = Seen.Start(An.Integration().Applied().Deleting()) with { Environment = new EnvironmentBuilder().Spec(s => s with { Suspend = true }).Build() };

        seen.NextStep<Step.FindOwner>();
    }

    [Fact]
    public void Without_its_environment_a_resource_that_never_acted_goes_at_once() =>
        Assert.Equal(
            Reasons.DeletionAbandoned,
            Refused(An.Integration().Stalled(Reasons.EnvironmentNotFound).Deleting(), EnvironmentUse.NotFound(Id)).NextStep<Step.RemoveFinalizer>().Because.Reason);

    [Fact]
    public void Without_its_environment_a_deletion_is_tried_for_a_bounded_time_and_then_given_up()
    {
        var applied = An.Integration().Applied().Deleting();
        Assert.Equal(FailureKind.Transient, Refused(applied, EnvironmentUse.NotFound(Id)).Ending<Outcome.Failed>().Failure.Kind);

        applied.Status(s => s with { DeletionFailingSince = Seen.Now.AddHours(-2), Attempts = 9, NextRetryTime = Seen.Now });

        Assert.Equal(Reasons.DeletionAbandoned, Refused(applied, EnvironmentUse.NotFound(Id)).NextStep<Step.RemoveFinalizer>().Because.Reason);
    }

    [Fact]
    public void Environments_that_were_not_listed_yet_are_no_reason_to_give_up_a_deletion() =>
        Refused(An.Integration().Applied().Deleting(), EnvironmentUse.Wait("Waiting.")).Ending<Outcome.Waiting>();

    private static Observed Protected(IntegrationBuilder resource) =>
        Seen.Start(resource) with { Environment = new EnvironmentBuilder().Spec(s => s with { DeletionProtection = true }).Build() };

    private static Observed Refused(IntegrationBuilder resource, Failure failure) => Seen.Start(resource) with { BaseUrl = new BaseUrlAnswer(null, failure), RecordedTried = true };
}
