using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

/// <summary><c>adoption_policy: Refuse</c>: nothing is taken over that was not made here.</summary>
public sealed class RefusalTests
{
    // A.Remote was made five seconds after the resource.
    private static readonly DateTimeOffset Before = IntegrationBuilder.Born.AddSeconds(4), After = IntegrationBuilder.Born.AddSeconds(6);

    [Fact]
    public void The_key_is_looked_up_before_the_finalizer_is_put_on()
    {
        Seen.Checked(Refusing()).NextStep<Step.LookUpRemote>();
    }

    [Fact]
    public void Absence_is_noted_with_the_finalizer()
    {
        var seen = Seen.Checked(Refusing()) with { Presence = RemotePresence.Absent, LookedUpOnly = true, LookedUpAt = Before };

        Assert.Equal(Before, seen.NextStep<Step.AddFinalizer>().AbsentAt);
    }

    [Fact]
    public void Without_a_Date_header_nothing_is_made()
    {
        var seen = Seen.Checked(Refusing()) with { Presence = RemotePresence.Absent, LookedUpOnly = true };

        Assert.Equal(Reasons.UnexpectedAnswer, seen.Refusal().Reason);
    }

    [Fact]
    public void Once_absence_is_noted_it_is_created()
    {
        var seen = Seen.Checked(Noted(Before)) with { Presence = RemotePresence.Absent, ClaimedInThisRun = true };

        seen.NextStep<Step.CreateRemote>();
    }

    [Fact]
    public void An_existing_integration_is_refused_and_nothing_is_put_on()
    {
        var refusal = (Seen.Checked(Refusing()).Has() with { LookedUpOnly = true }).Refusal();

        Assert.Equal(Reasons.AlreadyExists, refusal.Reason);
    }

    [Fact]
    public void After_a_crash_what_was_made_since_the_note_is_ours()
    {
        var outcome = Seen.Checked(Noted(Before)).Has().Ending<Outcome.InSync>();

        Assert.Equal(Reasons.Created, outcome.Change);
    }

    [Fact]
    public void After_a_crash_what_is_older_than_the_note_is_not_ours_and_the_finalizer_goes()
    {
        Seen.Checked(Noted(After)).Has().NextStep<Step.DropFinalizer>();
    }

    [Fact]
    public void What_the_create_of_the_same_run_met_is_not_ours_however_young()
    {
        (Seen.Checked(Noted(Before)).Has() with { ClaimedInThisRun = true, MetExisting = true }).NextStep<Step.DropFinalizer>();
    }

    [Fact]
    public void A_note_about_another_environment_is_no_title()
    {
        Seen.Checked(Noted(Before), A.OtherToken).NextStep<Step.LookUpRemote>();
    }

    [Fact]
    public void An_edit_to_an_environment_that_has_the_key_is_refused_and_the_finalizer_stays_for_the_old_one()
    {
        var applied = Refusing().Applied();
        var elsewhere = A.Remote with { CreatedAt = "2026-01-01T12:00:09.000Z" };

        Assert.Equal(Reasons.AlreadyExists, (Seen.Checked(applied, A.OtherToken).Has(elsewhere) with { LookedUpOnly = true }).Refusal().Reason);
    }

    [Fact]
    public void What_was_reported_as_ours_stays_ours_when_the_token_is_rotated()
    {
        var seen = Seen.Checked(Refusing().Applied(), A.OtherToken);
        seen.NextStep<Step.LookUpRemote>();

        (seen.Has() with { LookedUpOnly = true }).NextStep<Step.ReadRemote>();
        Assert.Null(seen.Has().Ending<Outcome.InSync>().Change);
    }

    [Fact]
    public void One_made_anew_in_the_same_environment_is_still_ours()
    {
        var anew = A.Remote with { CreatedAt = "2026-01-02T00:00:00.000Z", UpdatedAt = "2026-01-02T00:00:00.000Z" };

        Assert.Equal(Reasons.Recreated, Seen.Checked(Refusing().Applied()).Has(anew).Ending<Outcome.InSync>().Change);
    }

    [Fact]
    public void Deleting_one_that_was_never_ours_leaves_it_in_Nango()
    {
        var seen = Seen.Resolved(Noted(After).Deleting(DeletionPolicy.Delete)).Has();

        Assert.Equal(Reasons.Retained, seen.NextStep<Step.RemoveFinalizer>().Because.Reason);
    }

    [Fact]
    public void Deleting_one_whose_report_was_cut_off_deletes_it()
    {
        Seen.Resolved(Noted(Before).Deleting(DeletionPolicy.Delete)).Has().NextStep<Step.DeleteRemote>();
    }

    private static IntegrationBuilder Refusing() => An.Integration().Spec(s => s with { AdoptionPolicy = AdoptionPolicy.Refuse });

    private static IntegrationBuilder Noted(DateTimeOffset at) => Refusing().WithFinalizer().Meta(m => m with
    {
        Annotations = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [NangoApi.AbsentAtAnnotation] = at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            [NangoApi.AbsentInAnnotation] = new NangoEndpoint(A.BaseUrl, A.Token).EnvironmentKey,
        },
    });
}
