using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>What differs between a resource and Nango, as the body of the PATCH that would mend it.</summary>
public static class IntegrationDifference
{
    /// <summary>Compares.</summary>
    /// <param name="spec">The resource, complete.</param>
    /// <param name="desired">Its credentials, resolved; null when it has none (Nango cannot clear them, so nothing differs then).</param>
    /// <param name="remote">Nango's view.</param>
    /// <param name="sendUnreadable">Send what Nango does not show, too (write-only maps, credentials without the scope to read them).</param>
    /// <returns>Exactly the differing fields; credentials as one object, since Nango replaces them whole.</returns>
    public static UpdateIntegration Compute(NangoIntegrationSpec spec, RemoteCredentials? desired, RemoteIntegration remote, bool sendUnreadable) => new()
    {
        DisplayName = string.Equals(spec.DisplayName, remote.DisplayName, StringComparison.Ordinal) ? null : spec.DisplayName,
        ForwardWebhooks = spec.ForwardWebhooks == remote.ForwardWebhooks ? null : spec.ForwardWebhooks,
        Credentials = CredentialsDiffer(spec, desired, remote, sendUnreadable) ? desired : null,
        IntegrationConfig = sendUnreadable && spec.IntegrationConfig is { Count: > 0 } ? spec.IntegrationConfig : null,
        Custom = sendUnreadable && spec.Custom is { Count: > 0 } ? spec.Custom : null,
    };

    private static bool CredentialsDiffer(NangoIntegrationSpec spec, RemoteCredentials? desired, RemoteIntegration remote, bool sendUnreadable)
    {
        if (desired is null) return false;
        if (!remote.CredentialsReadable) return sendUnreadable;
        var actual = remote.Credentials ?? new RemoteCredentials();
        return Differs(desired.ClientId, actual.ClientId)
            || Differs(desired.ClientSecret, actual.ClientSecret)
            || Differs(desired.Scopes, actual.Scopes)
            || Differs(desired.AppLink, actual.AppLink)
            // Nango shows these keys of custom in place of the credentials' own fields.
            || (!Overrides(spec, "webhookSecret") && Differs(desired.WebhookSecret, actual.WebhookSecret))
            || (!Overrides(spec, "app_id") && Differs(desired.AppId, actual.AppId))
            || (!Overrides(spec, "private_key") && Differs(desired.PrivateKey, actual.PrivateKey));
    }

    // Left out means "keep what is there"; Nango shows an empty value as null.
    private static bool Differs(string? desired, string? actual) =>
        desired is not null && !string.Equals(desired, actual ?? "", StringComparison.Ordinal);

    private static bool Overrides(NangoIntegrationSpec spec, string customKey) => spec.Custom?.ContainsKey(customKey) == true;
}
