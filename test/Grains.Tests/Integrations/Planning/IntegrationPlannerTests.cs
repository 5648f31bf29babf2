using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

public sealed class IntegrationPlannerTests
{
    [Fact]
    public void A_resource_that_is_gone_ends_the_run() => new Observed().Ending<Outcome.Gone>();

    [Fact]
    public void Who_owns_the_key_is_asked_before_anything_is_written() => Seen.Start(An.Integration()).NextStep<Step.FindOwner>();

    [Fact]
    public void The_finalizer_is_on_before_anything_remote_exists() => Seen.Unclaimed(An.Integration()).NextStep<Step.AddFinalizer>();

    [Fact]
    public void A_redacted_snapshot_is_read_again_before_its_values_are_used()
    {
        Seen.Unclaimed(An.Integration().WithFinalizer()).NextStep<Step.ReadResource>();
        (Seen.Unclaimed(An.Integration().WithFinalizer()) with { IsComplete = true }).NextStep<Step.ResolveValues>();
    }

    [Fact]
    public void The_provider_is_looked_up_before_anything_is_sent() => Seen.Resolved(An.Integration().WithFinalizer()).NextStep<Step.LookUpProvider>();

    [Fact]
    public void An_invalid_spec_fails_before_anything_is_asked_of_anybody()
    {
        var refusal = Seen.Start(An.Integration().Spec(s => s with { DisplayName = null })).Refusal();

        Assert.Equal(Reasons.InvalidSpec, refusal.Reason);
        Assert.Contains("spec.display_name", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spec_that_cannot_be_read_fails_with_what_is_wrong_with_it()
    {
        var refusal = Seen.Start(An.Integration().Change(r => r with { Spec = null, SpecProblem = "spec.suspend must be true or false" })).Refusal();

        Assert.Equal((Reasons.InvalidSpec, "spec.suspend must be true or false"), (refusal.Reason, refusal.Message));
    }

    [Fact]
    public void A_value_that_only_a_Secret_shows_to_be_invalid_fails()
    {
        var seen = Seen.Resolved(An.Integration().WithFinalizer());
        var refusal = (seen with { Values = seen.Values! with { Credentials = A.Credentials with { ClientSecret = "" } } }).Refusal();

        Assert.Equal(Reasons.InvalidSpec, refusal.Reason);
        Assert.Contains("spec.credentials.client_secret", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Reasons.TokenRefused)]
    [InlineData(Reasons.UnknownProvider)]
    [InlineData(Reasons.ScopeMissing)]
    public void A_terminal_failure_of_a_step_ends_the_run_with_its_reason(string reason) =>
        Assert.Equal(reason, Seen.Resolved(An.Integration().WithFinalizer()).Failing(FailureKind.Terminal, reason).Refusal().Reason);

    [Theory]
    [InlineData("OAUTH1", "OAUTH2", "set it to OAUTH1")]
    [InlineData("API_KEY", "OAUTH2", "must be left out")]
    [InlineData("OAUTH2", null, "needs credentials of type OAUTH2")]
    public void Credentials_that_do_not_fit_the_auth_mode_fail_and_say_what_would(string mode, string? type, string remedy)
    {
        var resource = An.Integration().WithFinalizer().Credentials(c => type is null ? null : c with { Type = type });
        var refusal = (Seen.Checked(resource) with { Provider = A.Provider with { AuthMode = mode } }).Refusal();

        Assert.Equal(Reasons.CredentialsMismatch, refusal.Reason);
        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("API_KEY")]
    [InlineData("NONE")]
    [InlineData("TBA")]
    public void An_auth_mode_that_needs_no_credentials_goes_without(string mode) =>
        (Seen.Checked(An.Integration().WithFinalizer().WithoutCredentials()) with { Provider = A.Provider with { AuthMode = mode } }).NextStep<Step.ReadRemote>();

    [Fact]
    public void A_key_claimed_by_another_resource_is_a_conflict_before_our_finalizer_is_on()
    {
        var owner = new IntegrationKey("other", "slack");

        Assert.Equal(owner, (Seen.Start(An.Integration()) with { Claim = new ClaimAnswer(Known: true, owner) }).Ending<Outcome.Conflict>().Owner);
    }

    [Fact]
    public void An_unknown_claim_is_waited_for_and_never_taken_for_free()
    {
        var waiting = (Seen.Start(An.Integration()) with { Claim = new ClaimAnswer(Known: false, Owner: null) }).Ending<Outcome.Waiting>();

        Assert.Equal(IntegrationPlanner.IndexWait, waiting.Delay);
    }

    [Fact]
    public void A_refused_base_url_fails_before_a_token_is_read()
    {
        var refused = new Failure(FailureKind.Terminal, Reasons.BaseUrlNotAllowed, "It is not on the list.");

        Assert.Equal(refused, (Seen.Start(An.Integration()) with { BaseUrl = new BaseUrlAnswer(null, refused) }).Refusal());
    }

    [Fact]
    public void A_new_resource_is_created_without_looking_first()
    {
        var seen = Seen.Checked(An.Integration().WithFinalizer().Spec(s => s with { ForwardWebhooks = false })) with { ClaimedInThisRun = true };
        var request = seen.NextStep<Step.CreateRemote>().Request;

        Assert.Equal(("slack-key", "slack", "Slack", false), (request.UniqueKey, request.Provider, request.DisplayName, request.ForwardWebhooks));
        Assert.Equal(A.Credentials, request.Credentials);
    }

    [Fact]
    public void A_resource_that_may_have_been_created_is_looked_for_first()
    {
        Assert.True(Seen.Checked(An.Integration().WithFinalizer()).NextStep<Step.ReadRemote>().WithCredentials);
        Assert.False(Seen.Checked(An.Integration().Applied().WithoutCredentials()) is var seen && (seen with { Provider = A.Provider with { AuthMode = "NONE" } }).NextStep<Step.ReadRemote>().WithCredentials);
    }

    [Fact]
    public void A_key_that_Nango_lacks_is_created() => Seen.Checked(An.Integration().Applied()).Lacks().NextStep<Step.CreateRemote>();

    [Fact]
    public void A_create_that_meets_an_existing_key_looks_at_it() =>
        (Seen.Checked(An.Integration().WithFinalizer()) with { ClaimedInThisRun = true, MetExisting = true }).NextStep<Step.ReadRemote>();

    [Fact]
    public void An_integration_that_differs_is_changed_in_exactly_the_differing_fields()
    {
        var update = Seen.Checked(An.Integration().Applied()).Has(A.Remote with { DisplayName = "Edited by hand" }).NextStep<Step.UpdateRemote>().Request;

        Assert.Equal(["display_name"], update.FieldNames);
        Assert.Equal("Slack", update.DisplayName);
    }

    [Fact]
    public void An_integration_that_is_equal_is_left_alone() => Assert.Null(Seen.Checked(An.Integration().Applied()).Has().Ending<Outcome.InSync>().Change);

    [Fact]
    public void A_create_settles_without_another_call() =>
        Assert.Equal(Reasons.Created, (Seen.Checked(An.Integration().WithFinalizer()) with { ClaimedInThisRun = true, Created = true, Presence = RemotePresence.Present, Remote = A.Remote with { Credentials = null, CredentialsReadable = false } }).Ending<Outcome.InSync>().Change);

    [Fact]
    public void Empty_scopes_are_checked_after_a_create_since_Nango_fills_in_defaults()
    {
        var resource = An.Integration().WithFinalizer().Credentials(c => c with { Scopes = "" });
        var created = Seen.Checked(resource) with { ClaimedInThisRun = true, Created = true, Presence = RemotePresence.Present, Remote = A.Remote };

        Assert.True(created.NextStep<Step.ReadRemote>().WithCredentials);

        var update = created.Has(A.Remote with { Credentials = A.Credentials with { Scopes = "chat:write" } }).NextStep<Step.UpdateRemote>().Request;
        Assert.Equal("", update.Credentials!.Scopes);
    }

    [Fact]
    public void An_older_integration_is_adopted_and_made_to_agree()
    {
        var older = A.Remote with { CreatedAt = "2025-06-01T00:00:00.000Z", DisplayName = "Old name" };
        var seen = Seen.Checked(An.Integration().WithFinalizer()).Has(older);

        Assert.Equal(["display_name"], seen.NextStep<Step.UpdateRemote>().Request.FieldNames);

        var done = (seen with { Updated = new UpdateIntegration { DisplayName = "Slack" } }).Has(older with { DisplayName = "Slack" });
        Assert.Equal((Reasons.Adopted, "display_name"), (done.Ending<Outcome.InSync>().Change, Assert.Single(done.Ending<Outcome.InSync>().Fields)));
    }

    [Fact]
    public void A_run_that_died_between_create_and_report_is_finished_without_a_duplicate() =>
        Assert.Equal(Reasons.Created, Seen.Checked(An.Integration().WithFinalizer()).Has().Ending<Outcome.InSync>().Change);

    [Fact]
    public void An_integration_made_anew_by_somebody_is_made_to_agree_and_told_of()
    {
        var anew = A.Remote with { CreatedAt = "2026-02-01T00:00:00.000Z", UpdatedAt = "2026-02-01T00:00:00.000Z", DisplayName = "Anew" };
        var seen = Seen.Checked(An.Integration().Applied()).Has(anew);

        Assert.Equal(["display_name"], seen.NextStep<Step.UpdateRemote>().Request.FieldNames);
        Assert.Equal(Reasons.Recreated, (seen with { Updated = new UpdateIntegration { DisplayName = "Slack" } }).Has(anew with { DisplayName = "Slack" }).Ending<Outcome.InSync>().Change);
    }

    [Theory]
    [InlineData("2026-03-01T00:00:00.000Z", "2026-01-01T12:00:05.000Z")]
    [InlineData("2025-03-01T00:00:00.000Z", "2026-01-01T12:00:05.000Z")]
    [InlineData("2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z")]
    [InlineData("nonsense", "nonsense")]
    public void A_doctored_created_at_is_put_right_and_not_taken_for_a_re_creation(string createdAt, string updatedAt)
    {
        var doctored = An.Integration().Applied(A.Remote with { CreatedAt = createdAt, UpdatedAt = updatedAt });

        Assert.Null(Seen.Checked(doctored).Has().Ending<Outcome.InSync>().Change);
    }

    [Fact]
    public void An_integration_deleted_by_somebody_is_created_again_and_told_of() =>
        Assert.Equal(Reasons.Recreated, (Seen.Checked(An.Integration().Applied()).Has(A.Remote with { CreatedAt = "2026-02-01T00:00:00.000Z" }) with { Created = true }).Ending<Outcome.InSync>().Change);

    [Fact]
    public void Another_token_for_the_same_integration_is_a_rotation_and_changes_nothing() =>
        Assert.Null(Seen.Checked(An.Integration().Applied(token: A.OtherToken)).Has().Ending<Outcome.InSync>().Change);

    [Fact]
    public void A_resource_edited_to_another_environment_takes_what_is_there_over()
    {
        var there = A.Remote with { CreatedAt = "2025-01-01T00:00:00.000Z" };

        Assert.Equal(Reasons.Adopted, Seen.Checked(An.Integration().Applied(token: A.OtherToken)).Has(there).Ending<Outcome.InSync>().Change);
        Seen.Checked(An.Integration().Applied(token: A.OtherToken)).Lacks().NextStep<Step.CreateRemote>();
    }

    [Fact]
    public void An_update_of_credentials_is_believed_only_once_a_read_shows_it()
    {
        var stale = A.Remote with { Credentials = A.Credentials with { ClientSecret = "old" } };
        var updated = Seen.Checked(An.Integration().Applied()).Has(stale) with { Updated = new UpdateIntegration { Credentials = A.Credentials } };

        updated.NextStep<Step.ReadRemote>();

        Assert.Equal(Reasons.NotApplied, updated.Has(stale).Refusal().Reason);
        Assert.Equal(Reasons.Updated, updated.Has().Ending<Outcome.InSync>().Change);
    }

    [Fact]
    public void An_update_that_does_not_show_is_not_repeated()
    {
        var stubborn = A.Remote with { DisplayName = "Stubborn" };
        var seen = Seen.Checked(An.Integration().Applied().Stalled(Reasons.NotApplied)).Has(stubborn);

        var refusal = seen.Refusal();

        Assert.Equal(Reasons.NotApplied, refusal.Reason);
        Assert.Contains("display_name", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_update_that_did_not_show_is_tried_again_once_anything_it_depends_on_changed()
    {
        var stubborn = A.Remote with { DisplayName = "Stubborn" };
        var secret = new ObservedSecret { Name = "app", Uid = "s", ResourceVersion = "2" };

        Seen.Checked(An.Integration().Applied().Stalled(Reasons.NotApplied).Generation(2)).Has(stubborn).NextStep<Step.UpdateRemote>();
        Seen.Checked(An.Integration().Applied().Stalled(Reasons.NotApplied)).Has(stubborn with { UpdatedAt = "2026-03-01T00:00:00.000Z" }).NextStep<Step.UpdateRemote>();
        Seen.Checked(An.Integration().Applied().Stalled(Reasons.NotApplied), A.Token, secret).Has(stubborn).NextStep<Step.UpdateRemote>();
    }

    [Fact]
    public void A_rotated_token_sends_nothing()
    {
        var resource = An.Integration().Spec(s => s with
        {
            Custom = Map("k", "v"),
            NangoToken = SensitiveValue.FromSecret(new SecretKeySelector { Name = "token", Key = "token" }),
        }).Applied();
        var rotated = new ObservedSecret { Name = "token", Uid = "s", ResourceVersion = "2" };

        var outcome = Seen.Checked(resource, A.OtherToken, rotated).Has(A.Remote with { Credentials = null, CredentialsReadable = false }).Ending<Outcome.InSync>();

        Assert.Null(outcome.Change);
    }

    [Fact]
    public void Fields_that_Nango_does_not_show_are_sent_when_it_may_lack_them_and_only_then()
    {
        IntegrationBuilder WithMaps() => An.Integration()
            .Credentials(c => c with { ClientSecret = SensitiveValue.FromSecret(new SecretKeySelector { Name = "app", Key = "secret" }) })
            .Spec(s => s with { Custom = Map("k", "v"), IntegrationConfig = Map("c", "d") }).Applied();
        var blind = A.Remote with { Credentials = null, CredentialsReadable = false };
        var rotated = new ObservedSecret { Name = "app", Uid = "s", ResourceVersion = "2" };

        Assert.Null(Seen.Checked(WithMaps()).Has(blind).Ending<Outcome.InSync>().Change);
        Assert.All(
            (Observed[])
            [
                Seen.Checked(WithMaps()).Has(blind with { CreatedAt = "2026-03-01T00:00:00.000Z", UpdatedAt = "2026-03-01T00:00:00.000Z" }),
                Seen.Checked(WithMaps()).Has(blind with { UpdatedAt = "2026-03-01T00:00:00.000Z" }),
                Seen.Checked(WithMaps().Generation(2)).Has(blind),
                Seen.Checked(WithMaps().Stalled(Reasons.TokenRefused)).Has(blind),
                Seen.Checked(WithMaps(), A.Token, rotated).Has(blind),
            ],
            seen => Assert.Equal(["credentials", "integration_config", "custom"], seen.NextStep<Step.UpdateRemote>().Request.FieldNames));
    }

    [Fact]
    public void Fields_that_Nango_does_not_show_are_sent_once_a_run()
    {
        var blind = A.Remote with { Credentials = null, CredentialsReadable = false };
        var seen = Seen.Checked(An.Integration().WithFinalizer()).Has(blind) with { Updated = new UpdateIntegration { Credentials = A.Credentials } };

        Assert.Equal(Reasons.Created, seen.Ending<Outcome.InSync>().Change);
    }

    [Fact]
    public void A_changed_unique_key_fails_where_the_schema_could_not_prevent_it()
    {
        var refusal = Seen.Start(An.Integration().Applied().Spec(s => s with { UniqueKey = "another" }).Generation(2)).Refusal();

        Assert.Equal(Reasons.ImmutableField, refusal.Reason);
        Assert.Contains("\"slack-key\"", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_somebody_put_into_the_status_is_not_taken_for_a_changed_spec()
    {
        var forged = An.Integration().Applied().Status(s => s with { IntegrationId = "theirs" });

        Assert.Equal("slack-key", Ownership.RemoteKey(forged.Build()));
        Assert.Null(IntegrationPlanner.DecideSpec(forged.Build().Spec!, forged.Build()));
        // Its spec may have changed while it was left alone.
        var suspended = forged.Status(s => s with { Conditions = [.. s.Conditions.Select(c => c with { Reason = Reasons.Suspended })] });
        Assert.Equal("theirs", Ownership.RemoteKey(suspended.Build()));
    }

    [Fact]
    public void A_changed_provider_fails_and_names_the_former_one()
    {
        var resource = An.Integration().Applied().Spec(s => s with { Provider = "slack-2" }).Generation(2);
        var refusal = Seen.Checked(resource).Has().Refusal();

        Assert.Equal(Reasons.ImmutableField, refusal.Reason);
        Assert.Contains("changed from slack,", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_foreign_integration_of_another_provider_is_not_taken_over()
    {
        var refusal = Seen.Checked(An.Integration().WithFinalizer()).Has(A.Remote with { Provider = "github" }).Refusal();

        Assert.Equal(Reasons.AlreadyExists, refusal.Reason);
    }

    [Fact]
    public void A_suspended_resource_is_left_alone_even_when_invalid() =>
        Seen.Start(An.Integration().Spec(s => s with { Suspend = true, DisplayName = null })).Ending<Outcome.Suspended>();

    [Fact]
    public void A_resource_that_moved_on_is_read_again() => Seen.Unclaimed(An.Integration()).Failing(FailureKind.Conflict, Reasons.ObjectChanged).Ending<Outcome.ReadAgain>();

    [Fact]
    public void A_used_up_request_limit_is_waited_for_and_is_no_failure() =>
        Assert.Equal(TimeSpan.FromSeconds(7), Seen.Resolved(An.Integration()).Failing(FailureKind.Throttled, Reasons.RateLimited, TimeSpan.FromSeconds(7)).Ending<Outcome.Waiting>().Delay);

    [Fact]
    public void A_transient_failure_keeps_its_kind() =>
        Assert.Equal(FailureKind.Transient, Seen.Resolved(An.Integration()).Failing(FailureKind.Transient, Reasons.Timeout).Ending<Outcome.Failed>().Failure.Kind);

    private static Dictionary<string, string> Map(string key, string value) => new(StringComparer.Ordinal) { [key] = value };
}
