using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NangoOrleans.Failures;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Environments;

/// <summary>What a look at an environment object showed.</summary>
/// <param name="Failure">Why it cannot be used; null when it can.</param>
/// <param name="Secret">The Secret whose token was tried.</param>
public sealed record EnvironmentVerdict(Failure? Failure, ObservedSecret? Secret);

/// <summary>Finds out whether an environment object can be used: spec, base URL, Secret, and one cheap call to Nango.</summary>
public sealed class EnvironmentProbe(EnvironmentTokens tokens, EnvironmentAccess nango, INangoAccess access)
{
    // Nobody has this key: Nango answers "not found" as soon as it has accepted the token, and reads no rows for it.
    private const string NobodysKey = "nango-integration-operator-probe";

    private const string RateLimitProblem =
        "spec.rate_limit is not supported by this version of the operator yet: leave it out; NangoOrleans:RateLimit:ReservePercent holds for all environments";

    /// <summary>Looks.</summary>
    /// <param name="environment">The environment object.</param>
    /// <param name="always">False: spares the call when the token was found good for this very spec and Secret.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    public async Task<EnvironmentVerdict> LookAsync(NangoEnvironment environment, bool always, CancellationToken cancellationToken)
    {
        var last = environment.Status?.TokenSecret;
        if (environment.Spec is not { } spec) return new(Invalid(environment.SpecProblem ?? "spec is missing: write one"), last);
        if (CheckBundle(spec.CaBundle) is { } problem) return new(Invalid(problem), last);
        // Refused rather than ignored: whoever sets it relies on it.
        if (spec.RateLimit is not null) return new(Invalid(RateLimitProblem), last);
        var answer = access.CheckBaseUrl(spec.BaseUrl);
        if (answer.BaseUrl is not { } baseUrl) return new(answer.Refusal! with { Message = answer.Refusal!.Message.Replace("spec.nango_base_url", "spec.base_url", StringComparison.Ordinal) }, last);
        ObservedSecret? tried = null;
        try
        {
            var token = await tokens.ReadAsync(environment, cancellationToken);
            tried = token.Secret;
            if (!always && IsKnownGood(environment, tried)) return new(null, tried);
            var endpoint = new NangoEndpoint(baseUrl, token.Text, environment.Metadata.Uid, spec.CaBundle);
            await nango.CallAsync(endpoint, client => client.GetAsync(NobodysKey, includeCredentials: false, cancellationToken));
            return new(null, tried);
        }
        catch (FailureException e)
        {
            return new(e.Failure with { Message = e.Failure.Message.Replace("spec.nango_base_url", "spec.base_url", StringComparison.Ordinal) }, tried ?? last);
        }
    }

    private static bool IsKnownGood(NangoEnvironment environment, ObservedSecret secret) =>
        environment.Status is { } status
        && status.ObservedGeneration == environment.Metadata.Generation
        && status.TokenSecret == secret
        && status.Condition(ConditionTypes.Ready) is { Status: "True" };

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
