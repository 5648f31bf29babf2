using NangoOrleans.Configuration;
using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Credentials;

/// <summary>The administrator's settings as an answer to "where to, and as whom".</summary>
internal sealed class NangoAccess(BaseUrlPolicy policy, DefaultCredentialSource credential) : INangoAccess
{
    /// <inheritdoc/>
    public BaseUrlAnswer CheckBaseUrl(string? baseUrl) => policy.Decide(baseUrl) switch
    {
        BaseUrlDecision.Allowed(var allowed) => new BaseUrlAnswer(allowed, null),
        BaseUrlDecision.Refused(var failure) => new BaseUrlAnswer(null, failure),
        _ => throw new InvalidOperationException("No such decision."),
    };

    /// <inheritdoc/>
    public DefaultCredentialAnswer GetDefaultCredential(string @namespace, string baseUrl)
    {
        if (!string.Equals(baseUrl, policy.Default, StringComparison.Ordinal))
            return Refuse($"spec.nango_token is missing: the operator's default credential is for {policy.Default} only, not for {baseUrl}; give a token of your own");
        if (!credential.IsAllowedIn(@namespace))
            return Refuse($"spec.nango_token is missing: namespace {@namespace} may not use the operator's default credential; give a token of your own, or ask for the namespace to be added to {Setting.Section}:DefaultCredential:Namespaces");
        return credential.RevealToken() is { } token
            ? new DefaultCredentialAnswer(token, null)
            : Refuse("spec.nango_token is missing and the operator has no default credential: give a token, or set NANGO_TOKEN for the operator");
    }

    private static DefaultCredentialAnswer Refuse(string message) =>
        new(null, new Failure(FailureKind.Terminal, Reasons.DefaultCredentialNotAllowed, message));
}
