using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Credentials;

/// <summary>The administrator's settings as an answer to the grains.</summary>
internal sealed class NangoAccess(BaseUrlPolicy baseUrls, DefaultCredentialSource credential) : INangoAccess
{
    /// <inheritdoc />
    public BaseUrlAnswer CheckBaseUrl(string? baseUrl) => baseUrls.Decide(baseUrl) switch
    {
        BaseUrlDecision.Allowed allowed => new(allowed.BaseUrl, null),
        BaseUrlDecision.Refused refused => new(null, refused.Failure),
        _ => throw new NotSupportedException("A base URL is either allowed or refused."),
    };

    /// <inheritdoc />
    public DefaultCredentialAnswer GetDefaultCredential(string @namespace, string baseUrl)
    {
        // The token goes to the server it was configured with and to no other, whoever asks.
        if (!string.Equals(baseUrl, credential.BaseUrl, StringComparison.Ordinal))
            return Refuse($"The operator's default credential is for {credential.BaseUrl}, not for {baseUrl}: give the resource a nango_token of its own.");

        if (!credential.IsAllowedIn(@namespace))
        {
            return Refuse($"The operator's default credential may not be used in namespace {@namespace}: "
                + "give the resource a nango_token of its own, or ask for the namespace to be added to NangoOrleans:DefaultCredential:Namespaces.");
        }

        return credential.RevealToken() is { } token
            ? new(token, null)
            : Refuse("The operator has no default credential: give the resource a nango_token of its own, or set NANGO_TOKEN or NANGO_TOKEN_FILE for the operator.");
    }

    private static DefaultCredentialAnswer Refuse(string message) =>
        new(null, new(FailureKind.Terminal, Reasons.DefaultCredentialNotAllowed, message));
}
