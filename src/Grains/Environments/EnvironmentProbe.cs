using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NangoOrleans.Failures;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Environments;

/// <summary>What a look at an environment object showed.</summary>
/// <param name="Failure">Why it cannot be used; null when it can.</param>
/// <param name="Secret">The Secret whose token was tried.</param>
/// <param name="Limit">Nango's request limit; null when its answers do not say, or were not asked for.</param>
public sealed record EnvironmentVerdict(Failure? Failure, ObservedSecret? Secret, int? Limit = null);

/// <summary>Finds out whether an environment object can be used: spec, base URL, Secret, and one cheap call to Nango.</summary>
public sealed class EnvironmentProbe(EnvironmentTokens tokens, EnvironmentAccess nango, INangoAccess access, IEnvironmentGrains grains)
{
    // Nobody has this key: Nango answers "not found" as soon as it has accepted the token, and reads no rows for it.
    private const string NobodysKey = "nango-integration-operator-probe";

    /// <summary>Looks.</summary>
    /// <param name="environment">The environment object.</param>
    /// <param name="always">False: spares the call when the token was found good for this very spec and Secret.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    public async Task<EnvironmentVerdict> LookAsync(NangoEnvironment environment, bool always, CancellationToken cancellationToken)
    {
        var last = environment.Status?.TokenSecret;
        if (environment.Spec is not { } spec) return new(Invalid(environment.SpecProblem ?? "spec is missing: write one"), last);
        if (CheckBundle(spec.CaBundle) is { } problem) return new(Invalid(problem), last);
        if (CheckLimits(spec.RateLimit) is { } outside) return new(Invalid(outside), last);
        var answer = access.CheckBaseUrl(spec.BaseUrl);
        if (answer.BaseUrl is not { } baseUrl) return new(answer.Refusal! with { Message = answer.Refusal!.Message.Replace("spec.nango_base_url", "spec.base_url", StringComparison.Ordinal) }, last);
        var state = await grains.GetStateAsync(environment.Metadata.Uid);
        var tried = last;
        try
        {
            var token = await tokens.ReadAsync(environment, cancellationToken);
            tried = token.Secret;
            if (!always && state?.Problem is null && IsKnownGood(environment, tried)) return new(null, tried, state?.Limit);
            var endpoint = EnvironmentUse.Endpoint(environment, baseUrl, token.Text);
            await nango.CallAsync(endpoint, RequestTurn.Own, client => client.GetAsync(NobodysKey, includeCredentials: false, cancellationToken));
            return new(null, tried, nango.LimitOf(endpoint) ?? state?.Limit);
        }
        catch (FailureException e)
        {
            // One word for as long as the circuit is open, whatever each probe meets.
            var failure = state?.Problem is { } open && e.Failure.Kind == FailureKind.Transient ? open : e.Failure;
            return new(failure with { Message = failure.Message.Replace("spec.nango_base_url", "spec.base_url", StringComparison.Ordinal) }, tried, state?.Limit);
        }
    }

    private static bool IsKnownGood(NangoEnvironment environment, ObservedSecret secret) =>
        environment.Status is { } status
        && status.ObservedGeneration == environment.Metadata.Generation
        && status.TokenSecret == secret
        && status.Condition(ConditionTypes.Ready) is { Status: "True" };

    // The schema says so, too, but not on every server.
    private static string? CheckLimits(EnvironmentRateLimit? limits) => limits switch
    {
        { RequestsPerMinute: < 1 or > 100_000 } => "spec.rate_limit.requests_per_minute must be between 1 and 100000",
        { ReservePercent: < 0 or > 90 } => "spec.rate_limit.reserve_percent must be between 0 and 90",
        _ => null,
    };

    private static string? CheckBundle(string? bundle)
    {
        if (string.IsNullOrWhiteSpace(bundle)) return null;
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(bundle);
            foreach (var certificate in certificates) certificate.Dispose();
            return certificates.Count > 0 ? null : "spec.ca_bundle holds no certificate: write PEM blocks that begin with -----BEGIN CERTIFICATE-----";
        }
        catch (CryptographicException)
        {
            return "spec.ca_bundle cannot be read: write PEM blocks that begin with -----BEGIN CERTIFICATE-----";
        }
    }

    private static Failure Invalid(string message) => new(FailureKind.Terminal, Reasons.InvalidSpec, message);
}
