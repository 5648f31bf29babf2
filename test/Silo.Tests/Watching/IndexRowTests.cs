using NangoOrleans.Failures;
using NangoOrleans.Integrations;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

public sealed class IndexRowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly NangoIntegration New = new()
    {
        Metadata = new ObjectMetadata { Namespace = "team", Name = "slack", Uid = "u", ResourceVersion = "1", Generation = 1, CreationTimestamp = Noon },
        Spec = new NangoIntegrationSpec { UniqueKey = "key", Provider = "slack", DisplayName = "Slack", NangoToken = SensitiveValue.FromSecret(new SecretKeySelector { Name = "app", Key = "token" }) },
    };

    private static readonly NangoIntegration Settled = New with
    {
        Metadata = New.Metadata with { Finalizers = [NangoApi.Finalizer] },
        Status = new NangoIntegrationStatus
        {
            Status = IntegrationPhase.Created,
            ObservedGeneration = 1,
            Nango = new NangoObservation { CreatedAt = "made" },
            Conditions = [new Condition { Type = ConditionTypes.Ready, Status = "True" }],
        },
    };

    private static readonly NangoIntegration Stalled = Settled with
    {
        Status = Settled.Status! with { Conditions = [new Condition { Type = ConditionTypes.Ready, Status = "False" }, new Condition { Type = ConditionTypes.Stalled, Status = "True" }] },
    };

    private static readonly NangoIntegration Retrying = Settled with
    {
        Status = Settled.Status! with { NextRetryTime = Noon.AddMinutes(1), Conditions = [new Condition { Type = ConditionTypes.Ready, Status = "False" }] },
    };

    public static TheoryData<string, NangoIntegration?, NangoIntegration, bool, bool> Sights => new()
    {
        { "new, in the first list", null, New, true, true },
        { "new, in the watch", null, New, false, true },
        { "settled, in the first list of a new watcher", null, Settled, true, false },
        { "stalled, in the first list of a new watcher: settings may have changed", null, Stalled, true, true },
        { "waiting for a retry, in the first list", null, Retrying, true, true },
        { "settled, seen again in a later list", Settled, Settled, true, false },
        { "stalled, seen again in a later list", Stalled, Stalled, true, false },
        { "changed during a gap of the watch", Settled, Edited(Settled), true, true },
        { "spec changed", Settled, Edited(Settled), false, true },
        { "spec changed while stalled", Stalled, Edited(Stalled), false, true },
        { "deletion asked for", Settled, Deleting(Settled), false, true },
        { "deletion asked for while stalled", Stalled, Deleting(Stalled), false, true },
        { "reconcile asked for", Settled, Requested(Settled), false, true },
        { "made anew under the same name", Settled with { Metadata = Settled.Metadata with { Uid = "former" } }, New, false, true },
        { "our own finalizer", New, New with { Metadata = New.Metadata with { Finalizers = [NangoApi.Finalizer] } }, false, false },
        { "our own report of success", New with { Metadata = Settled.Metadata }, Settled, false, false },
        { "our own report of a failure", New with { Metadata = Settled.Metadata }, Retrying, false, false },
        { "our own report of a dead end", New with { Metadata = Settled.Metadata }, Stalled, false, false },
        { "finalizer taken off by somebody", Settled, New with { Status = Settled.Status }, false, true },
        { "status emptied by somebody", Settled, Settled with { Status = null }, false, true },
        { "labels changed", Settled, Settled with { Metadata = Settled.Metadata with { ResourceVersion = "2" } }, false, false },
        { "finalizer off, object about to go", Deleting(Settled), Deleting(New), false, false },
    };

    [Theory]
    [MemberData(nameof(Sights), DisableDiscoveryEnumeration = true)]
    public void A_grain_is_told_of_what_it_cannot_know(string seen, NangoIntegration? before, NangoIntegration now, bool fromList, bool told)
    {
        var row = Row(now);

        Assert.True(told == row.MustBeLookedAt(before is null ? null : Row(before), fromList), seen);
    }

    [Fact]
    public void A_row_holds_what_claims_reminders_and_Secrets_need()
    {
        var row = Row(Retrying);

        Assert.Equal((new IntegrationKey("team", "slack"), "u", "1", Noon), (row.Key, row.Uid, row.ResourceVersion, row.CreatedAt));
        Assert.Equal(("https://api.nango.dev", "key", "made", Noon.AddMinutes(1)), (row.BaseUrl, row.UniqueKey, row.NangoCreatedAt, row.NextRetryTime));
        Assert.Equal(["app"], row.Secrets);
        Assert.True(row.Claims && row.HasFinalizer && row.NeedsRun);
        Assert.False(row.IsSettled);
    }

    [Fact]
    public void An_invalid_a_refused_and_an_unreadable_resource_claim_nothing()
    {
        Assert.False(Row(New with { Spec = New.Spec! with { DisplayName = null } }).Claims);
        Assert.False(Row(New with { Spec = New.Spec! with { NangoBaseUrl = "https://evil.example.com" } }).Claims);
        Assert.False(Row(New with { Spec = null, SpecProblem = "It cannot be read." }).Claims);
        Assert.True(Row(New).Claims);
    }

    private static NangoIntegration Edited(NangoIntegration r) => r with { Metadata = r.Metadata with { Generation = 2, ResourceVersion = "2" } };

    private static NangoIntegration Deleting(NangoIntegration r) => r with { Metadata = r.Metadata with { DeletionTimestamp = Noon, ResourceVersion = "2" } };

    private static NangoIntegration Requested(NangoIntegration r) =>
        r with { Metadata = r.Metadata with { Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [NangoApi.ReconcileRequestedAtAnnotation] = "now" } } };

    [Fact]
    public void A_report_of_a_resting_resource_that_changed_by_itself_is_noticed()
    {
        var row = Row(Settled);
        var forged = Settled with { Status = Settled.Status! with { Nango = new NangoObservation { CreatedAt = "forged" } } };

        Assert.True(Row(forged).IsStatusEdit(row));
        Assert.True(Row(Settled with { Status = Settled.Status! with { Status = IntegrationPhase.Failed } }).IsStatusEdit(row));
        Assert.True(Row(Settled with { Status = Settled.Status! with { Environment = new EnvironmentStatus { Key = "forged" } } }).IsStatusEdit(row));
        Assert.True(Row(Settled with { Status = Settled.Status! with { IntegrationId = "forged" } }).IsStatusEdit(row));
        Assert.True(Row(Settled with { Status = Settled.Status! with { NextRetryTime = Noon } }).IsStatusEdit(row));
        Assert.True(Row(Settled with { Status = null }).IsStatusEdit(row));
        Assert.True(Row(Stalled with { Status = Stalled.Status! with { ErrorMessage = "forged" } }).IsStatusEdit(Row(Stalled)));
        Assert.False(Row(Retrying with { Status = Retrying.Status! with { Attempts = 2 } }).IsStatusEdit(Row(Retrying)));
        Assert.False(Row(Settled).IsStatusEdit(row));
        Assert.False(Row(Deleting(forged)).IsStatusEdit(row));
        Assert.False(Row(Edited(forged)).IsStatusEdit(row));
        Assert.False(Row(Settled).IsStatusEdit(Row(New)));
        Assert.False(Row(Settled).IsStatusEdit(null));
    }

    [Fact]
    public void A_retry_that_is_never_due_is_in_no_reminder()
    {
        var row = Row(Retrying with { Status = Retrying.Status! with { NextRetryTime = Noon.AddYears(70) } });

        Assert.Null(row.NextRetryTime);
        Assert.True(row.NeedsRun);
    }

    [Fact]
    public void What_is_only_observed_neither_claims_a_key_nor_needs_a_finalizer_to_rest()
    {
        var observed = New with { Spec = New.Spec! with { Mode = ManagementMode.Observe }, Status = Settled.Status };

        Assert.False(Row(observed).Claims);
        Assert.False(Row(observed).HoldsKey);
        Assert.True(Row(observed).IsSettled);
    }

    [Fact]
    public void The_interval_of_the_resource_counts_when_it_can_be_read()
    {
        Assert.Equal(TimeSpan.FromMinutes(90), Row(New with { Spec = New.Spec! with { ResyncInterval = "1h30m" } }).ResyncInterval);
        Assert.Null(Row(New with { Spec = New.Spec! with { ResyncInterval = "1s" } }).ResyncInterval);
    }

    private static IndexRow Row(NangoIntegration resource) => IndexRow.From(resource, new EnvironmentView(), new OnlyTheDefault(), Noon);

    private sealed class OnlyTheDefault : INangoAccess
    {
        public BaseUrlAnswer CheckBaseUrl(string? baseUrl) => baseUrl is null
            ? new("https://api.nango.dev", null)
            : new(null, new Failure(FailureKind.Terminal, Reasons.BaseUrlNotAllowed, "It is not on the list."));

        public DefaultCredentialAnswer GetDefaultCredential(string @namespace, string baseUrl) => throw new NotSupportedException("A row needs no token.");
    }
}
