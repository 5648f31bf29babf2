using NangoOrleans.Integrations.Validation;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>The Secrets a resource refers to.</summary>
public static class SecretNames
{
    /// <summary>Their names, each once, in the resource's namespace.</summary>
    /// <param name="spec">The spec; a redacted one will do.</param>
    public static IReadOnlyList<string> Of(NangoIntegrationSpec? spec)
    {
        if (spec is null) return [];
        var names = new SortedSet<string>(OfCredentials(spec), StringComparer.Ordinal);
        if (spec.NangoToken?.SecretKeyRef is { } token) names.Add(token.Name);
        return names.Count == 0 ? [] : [.. names];
    }

    /// <summary>Those that hold credentials, each once: what is stored in Nango comes from them.</summary>
    /// <param name="spec">The spec; a redacted one will do.</param>
    public static IReadOnlyList<string> OfCredentials(NangoIntegrationSpec? spec)
    {
        if (spec?.Credentials is not { } credentials) return [];
        var names = new SortedSet<string>(StringComparer.Ordinal);
        if (credentials.SecretRef is { Name.Length: > 0 } whole) names.Add(whole.Name);
        foreach (var (_, value) in CredentialsRules.SensitiveFields(credentials))
            if (value?.SecretKeyRef is { } selector) names.Add(selector.Name);

        return names.Count == 0 ? [] : [.. names];
    }
}
