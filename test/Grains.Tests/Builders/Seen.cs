using NangoOrleans.Failures;
using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Builders;

/// <summary>What a run knows at its stations, in the order in which it learns it.</summary>
internal static class Seen
{
    public static readonly DateTimeOffset Now = IntegrationBuilder.Born.AddHours(2);

    public static Observed Start(IntegrationBuilder resource) =>
        new() { Resource = resource.Build(), Now = Now, BaseUrl = new BaseUrlAnswer(A.BaseUrl, null), Uninstalling = false };

    public static Observed Unclaimed(IntegrationBuilder resource) => Start(resource) with { Claim = new ClaimAnswer(Known: true, Owner: null) };

    public static Observed Resolved(IntegrationBuilder resource, string token = A.Token, params ObservedSecret[] secrets)
    {
        var seen = Unclaimed(resource);
        var spec = seen.Resource!.Spec!;
        var credentials = spec.Credentials is not { } c ? null : A.Credentials with { Scopes = c.Scopes };
        return seen with { IsComplete = true, Values = new ResolvedValues(new NangoEndpoint(A.BaseUrl, token), credentials, secrets) };
    }

    public static Observed Checked(IntegrationBuilder resource, string token = A.Token, params ObservedSecret[] secrets) =>
        Resolved(resource, token, secrets) with { Provider = A.Provider };

    /// <summary>Nango was asked and has it.</summary>
    public static Observed Has(this Observed seen, RemoteIntegration? remote = null) =>
        seen with { Presence = RemotePresence.Present, Remote = remote ?? A.Remote, RemoteReads = seen.RemoteReads + 1, ReadAfterUpdate = seen.Updated is not null };

    /// <summary>Nango was asked and lacks it.</summary>
    public static Observed Lacks(this Observed seen) => seen with { Presence = RemotePresence.Absent, RemoteReads = seen.RemoteReads + 1 };

    public static Observed Failing(this Observed seen, FailureKind kind, string reason, TimeSpan? retryAfter = null) =>
        seen with { Failure = new Failure(kind, reason, "It failed.", retryAfter) };

    public static TStep NextStep<TStep>(this Observed seen)
        where TStep : Step => Assert.IsType<TStep>(Assert.IsType<Decision.Do>(IntegrationPlanner.Decide(seen)).Step);

    public static TOutcome Ending<TOutcome>(this Observed seen)
        where TOutcome : Outcome => Assert.IsType<TOutcome>(Assert.IsType<Decision.Conclude>(IntegrationPlanner.Decide(seen)).Outcome);

    public static Failure Refusal(this Observed seen)
    {
        var failure = seen.Ending<Outcome.Failed>().Failure;
        Assert.Equal(FailureKind.Terminal, failure.Kind);
        return failure;
    }
}
