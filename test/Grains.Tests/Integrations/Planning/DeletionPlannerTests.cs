using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

public sealed class DeletionPlannerTests
{
    [Fact]
    public void Nothing_is_deleted_in_Nango_while_the_definition_goes()
    {
        var seen = Seen.Start(An.Integration().Applied().Deleting(DeletionPolicy.Delete));

        (seen with { Uninstalling = null }).NextStep<Step.CheckDefinition>();
        Assert.Equal(Reasons.Retained, (seen with { Uninstalling = true }).NextStep<Step.RemoveFinalizer>().Because.Reason);
    }

    [Fact]
    public void A_resource_without_our_finalizer_is_none_of_our_business() =>
        Seen.Start(An.Integration().Deleting().Meta(m => m with { Finalizers = ["somebody/else"] })).Ending<Outcome.Gone>();

    [Fact]
    public void Delete_removes_it_from_Nango_first_and_then_lets_go()
    {
        var seen = Seen.Resolved(Ours(DeletionPolicy.Delete));

        Assert.False(seen.NextStep<Step.ReadRemote>().WithCredentials);
        seen.Has().NextStep<Step.DeleteRemote>();
        Assert.Equal((Reasons.Deleted, false), Release(seen.Has() with { RemovedFromNango = true }));
    }

    [Fact]
    public void DeleteIfUnused_is_the_default_and_counts_connections_first()
    {
        var seen = Seen.Resolved(Ours()).Has();

        seen.NextStep<Step.CountConnections>();
        (seen with { ConnectionsCounted = true, Connections = 0 }).NextStep<Step.DeleteRemote>();
    }

    [Fact]
    public void DeleteIfUnused_keeps_what_end_users_are_connected_through_and_says_how_many()
    {
        var seen = Seen.Resolved(Ours(DeletionPolicy.DeleteIfUnused)).Has() with { ConnectionsCounted = true, Connections = 3 };

        Assert.Equal((Reasons.InUse, true), Release(seen));
        Assert.Contains("3 connections use it", seen.NextStep<Step.RemoveFinalizer>().Because.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DeleteIfUnused_keeps_what_it_may_not_count_and_names_the_missing_scope()
    {
        var seen = Seen.Resolved(Ours()).Has() with { ConnectionsCounted = true, Connections = null };

        Assert.Equal((Reasons.InUse, true), Release(seen));
        Assert.Contains("environment:connections:list", seen.NextStep<Step.RemoveFinalizer>().Because.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Reasons.ServerError)]
    [InlineData(Reasons.Timeout)]
    public void A_count_that_merely_failed_is_tried_again(string reason) =>
        Assert.Equal(FailureKind.Transient, Seen.Resolved(Ours()).Has().Failing(FailureKind.Transient, reason).Ending<Outcome.Failed>().Failure.Kind);

    [Fact]
    public void Retain_lets_go_without_asking_Nango() => Assert.Equal((Reasons.Retained, false), Release(Seen.Start(Ours(DeletionPolicy.Retain))));

    [Fact]
    public void What_Nango_lacks_needs_no_delete() => Assert.Equal((Reasons.Deleted, false), Release(Seen.Resolved(Ours()).Lacks()));

    [Fact]
    public void What_another_resource_claims_stays()
    {
        var seen = Seen.Start(Ours(DeletionPolicy.Delete)) with { Claim = new ClaimAnswer(Known: true, new IntegrationKey("other", "slack")) };

        Assert.Equal((Reasons.Retained, false), Release(seen));
        Assert.Contains("other/slack", seen.NextStep<Step.RemoveFinalizer>().Because.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_claim_is_waited_for() =>
        (Seen.Start(Ours(DeletionPolicy.Delete)) with { Claim = new ClaimAnswer(Known: false, Owner: null) }).Ending<Outcome.Waiting>();

    [Fact]
    public void What_was_there_before_a_resource_that_never_took_it_over_stays()
    {
        var older = A.Remote with { CreatedAt = "2025-01-01T00:00:00.000Z" };

        Assert.Equal((Reasons.Retained, false), Release(Seen.Resolved(An.Integration().Deleting(DeletionPolicy.Delete)).Has(older)));
    }

    [Fact]
    public void What_a_run_made_whose_report_was_cut_off_is_deleted() =>
        Seen.Resolved(An.Integration().Deleting(DeletionPolicy.Delete)).Has().NextStep<Step.DeleteRemote>();

    [Fact]
    public void A_suspended_resource_is_deleted_all_the_same() =>
        Seen.Resolved(Ours(DeletionPolicy.Delete).Spec(s => s with { Suspend = true })).Has().NextStep<Step.DeleteRemote>();

    [Fact]
    public void After_an_edit_to_another_environment_the_way_back_is_searched_for_before_anything_is_asked_there() =>
        Seen.Resolved(Ours(DeletionPolicy.Delete, A.OtherToken)).NextStep<Step.FindRecordedEnvironment>();

    [Theory]
    [InlineData(Reasons.SecretNotFound)]
    [InlineData(Reasons.TokenMalformed)]
    public void The_way_back_is_searched_for_when_the_credential_in_the_spec_is_of_no_use(string reason)
    {
        var broken = Seen.Unclaimed(Ours(DeletionPolicy.Delete, A.OtherToken)).Failing(FailureKind.Terminal, reason);

        broken.NextStep<Step.ReadResource>();
        (broken with { IsComplete = true }).NextStep<Step.FindRecordedEnvironment>();
        (broken with { RecordedTried = true }).Ending<Outcome.Failed>();
    }

    [Fact]
    public void A_base_url_that_is_refused_by_now_does_not_bar_the_way_back()
    {
        var refused = Seen.Start(Ours()) with { IsComplete = true, BaseUrl = new BaseUrlAnswer(null, new Failure(FailureKind.Terminal, Reasons.BaseUrlNotAllowed, "No.")) };

        refused.NextStep<Step.FindRecordedEnvironment>();
        (refused with { RecordedTried = true }).Ending<Outcome.Failed>();
    }

    [Fact]
    public void Found_again_the_integration_is_deleted_where_it_was_applied() =>
        (Seen.Resolved(Ours(DeletionPolicy.Delete)) with { RecordedTried = true }).Has().NextStep<Step.DeleteRemote>();

    [Fact]
    public void A_deletion_whose_credential_went_with_an_edit_is_tried_for_a_while_and_then_says_where_it_is_left()
    {
        var moved = Seen.Resolved(Ours(DeletionPolicy.Delete, A.OtherToken)) with { RecordedTried = true };
        var there = moved.Has(A.Remote with { CreatedAt = "2026-04-01T00:00:00.000Z" });
        var late = (Seen.Resolved(Ours(DeletionPolicy.Delete, A.OtherToken).Status(s => s with { DeletionFailingSince = Seen.Now.AddHours(-1), Attempts = 9 })) with { RecordedTried = true }).Lacks();

        Assert.Equal(Reasons.CredentialGone, moved.Lacks().Ending<Outcome.Failed>().Failure.Reason);
        Assert.Equal((FailureKind.Transient, Reasons.CredentialGone), there.Ending<Outcome.Failed>().Failure is var failure ? (failure.Kind, failure.Reason) : default);
        Assert.Equal((Reasons.DeletionAbandoned, true), Release(late));
        Assert.Contains(new NangoEndpoint(A.BaseUrl, A.OtherToken).EnvironmentKey, late.NextStep<Step.RemoveFinalizer>().Because.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whose_the_key_is_in_another_environment_does_not_matter() =>
        ((Seen.Resolved(Ours(DeletionPolicy.Delete, A.OtherToken)) with { RecordedTried = true, Claim = new ClaimAnswer(Known: true, new IntegrationKey("other", "slack")) }).Lacks()).Ending<Outcome.Failed>();

    [Fact]
    public void After_a_token_rotation_it_is_deleted_as_ever() =>
        (Seen.Resolved(Ours(DeletionPolicy.Delete, A.OtherToken)) with { RecordedTried = true }).Has().NextStep<Step.DeleteRemote>();

    [Theory]
    [InlineData(FailureKind.Terminal, Reasons.TokenRefused)]
    [InlineData(FailureKind.Terminal, Reasons.ScopeMissing)]
    [InlineData(FailureKind.Transient, Reasons.SecretNotFound)]
    [InlineData(FailureKind.Transient, Reasons.Unreachable)]
    public void A_failure_is_retried_for_a_while_whatever_its_kind(FailureKind kind, string reason)
    {
        var failure = Seen.Resolved(Ours()).Failing(kind, reason).Ending<Outcome.Failed>().Failure;

        Assert.Equal((FailureKind.Transient, reason), (failure.Kind, failure.Reason));
    }

    [Theory]
    [InlineData(61, 4, true)]
    [InlineData(60, 4, true)]
    [InlineData(59, 40, false)]
    [InlineData(600, 3, false)]
    public void A_deletion_is_given_up_after_both_the_time_and_the_attempts(int minutes, int attempts, bool givenUp)
    {
        var failing = Ours().Status(s => s with { DeletionFailingSince = Seen.Now.AddMinutes(-minutes), Attempts = attempts });
        var seen = Seen.Resolved(failing).Failing(FailureKind.Transient, Reasons.Unreachable);

        if (givenUp) Assert.Equal((Reasons.DeletionAbandoned, true), Release(seen));
        else seen.Ending<Outcome.Failed>();
    }

    [Fact]
    public void A_finalizer_that_Kubernetes_does_not_take_off_is_no_reason_to_give_up_on_Nango()
    {
        var failing = Ours().Status(s => s with { DeletionFailingSince = Seen.Now.AddDays(-1), Attempts = 99 });

        (Seen.Resolved(failing).Failing(FailureKind.Transient, Reasons.KubernetesUnavailable) with { ReleaseTried = true }).Ending<Outcome.Failed>();
    }

    [Fact]
    public void Throttling_does_not_count_as_a_failing_deletion() =>
        Seen.Resolved(Ours().Status(s => s with { DeletionFailingSince = Seen.Now.AddDays(-1), Attempts = 99 }))
            .Failing(FailureKind.Throttled, Reasons.RateLimited, TimeSpan.FromSeconds(5)).Ending<Outcome.Waiting>();

    [Fact]
    public void An_outage_that_opened_the_circuit_counts_as_a_failing_deletion_lest_it_waits_for_ever() =>
        Assert.Equal(FailureKind.Transient, Seen.Resolved(Ours()).Failing(FailureKind.Throttled, Reasons.Unreachable, TimeSpan.FromSeconds(30)).Ending<Outcome.Failed>().Failure.Kind);

    [Theory]
    [InlineData(FailureKind.Terminal, Reasons.TokenRefused)]
    [InlineData(FailureKind.Transient, Reasons.SecretNotFound)]
    public void A_resource_that_never_had_a_working_credential_lets_go_at_once_and_promises_nothing(FailureKind kind, string reason)
    {
        var seen = Seen.Resolved(An.Integration().Stalled(reason).Deleting()).Failing(kind, reason);

        Assert.Equal((Reasons.DeletionAbandoned, true), Release(seen));
        Assert.Contains("Nothing is known to have been created", seen.NextStep<Step.RemoveFinalizer>().Because.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Reasons.ServerError)]
    [InlineData(Reasons.Timeout)]
    public void A_create_that_may_have_been_cut_off_is_looked_for_until_the_deletion_is_given_up(string? reported)
    {
        var resource = reported is null ? An.Integration().Deleting() : An.Integration().Stalled(reported).Deleting();

        Seen.Resolved(resource).Failing(FailureKind.Transient, Reasons.SecretNotFound).Ending<Outcome.Failed>();
        // Its own first failure is no proof either.
        Seen.Resolved(resource.Stalled(Reasons.SecretNotFound).Status(s => s with { DeletionFailingSince = Seen.Now }))
            .Failing(FailureKind.Transient, Reasons.SecretNotFound).Ending<Outcome.Failed>();
    }

    [Fact]
    public void An_unreachable_Nango_is_no_proof_that_nothing_was_made() =>
        Seen.Resolved(An.Integration().Deleting()).Failing(FailureKind.Transient, Reasons.Unreachable).Ending<Outcome.Failed>();

    [Fact]
    public void A_spec_that_cannot_be_read_any_more_is_let_go_with_a_warning() =>
        Assert.Equal((Reasons.DeletionAbandoned, true), Release(Seen.Start(Ours().Change(r => r with { Spec = null }))));

    [Fact]
    public void Once_our_finalizer_is_off_the_run_ends_with_the_reason_for_it()
    {
        var because = new Outcome.Released(Reasons.Deleted, "Done.", Warning: false);

        Assert.Equal(because, (Seen.Resolved(Ours()) with { Released = because }).Ending<Outcome.Released>());
    }

    private static IntegrationBuilder Ours(DeletionPolicy? policy = null, string token = A.Token) =>
        An.Integration().Applied(token: token).Deleting().Spec(s => s with { DeletionPolicy = policy });

    private static (string Reason, bool Warning) Release(Observed seen)
    {
        var because = seen.NextStep<Step.RemoveFinalizer>().Because;
        return (because.Reason, because.Warning);
    }
}
