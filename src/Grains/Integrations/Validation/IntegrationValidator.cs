using System.Text.RegularExpressions;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Validation;

/// <summary>
/// The operator's own check of a spec: everything that can be said without asking anybody. The schema refuses only what the
/// original's refused too (a stricter one would trap stored objects), so these rules are checked here whatever the schema says.
/// </summary>
public static partial class IntegrationValidator
{
    /// <summary>Longest unique_key, provider and display_name that Nango takes, in UTF-16 units.</summary>
    public const int MaxTextLength = 255;

    /// <summary>The one placeholder with a meaning: the operator's own default credential.</summary>
    public const string DefaultCredentialPlaceholder = "$(NANGO_TOKEN)";

    /// <summary>Checks a spec; works on redacted copies too.</summary>
    /// <returns>Problems in field order; empty when the spec can be acted upon.</returns>
    public static IReadOnlyList<FieldProblem> Check(NangoIntegrationSpec spec)
    {
        List<FieldProblem> problems = [.. CheckUniqueKey(spec.UniqueKey), .. CheckProvider(spec.Provider), .. CheckDisplayName(spec.DisplayName)];
        if (spec.Credentials is not null) problems.AddRange(CredentialsRules.Check(spec.Credentials));
        problems.AddRange(CheckToken(spec));
        if (spec.EnvironmentRef is { } reference) problems.AddRange(CheckEnvironmentRef(spec, reference));
        if (ResyncInterval.FindProblem(spec.ResyncInterval) is { } problem) problems.Add(new("spec.resync_interval", problem));
        return problems;
    }

    private static IEnumerable<FieldProblem> CheckUniqueKey(string? key)
    {
        const string Field = "spec.unique_key";
        if (string.IsNullOrEmpty(key))
            yield return new(Field, "is missing: give the key under which Nango shall know the integration");
        else if (key.Length > MaxTextLength)
            yield return new(Field, $"has {key.Length} characters: Nango takes at most {MaxTextLength}");
        else if (!UniqueKeyPattern().IsMatch(key))
            yield return new(Field, "has characters that Nango refuses: use letters, digits and ~ : . @ _ - and blanks");
        else if (key is "." or "..")
            yield return new(Field, "must not be \".\" or \"..\": such a key cannot be addressed in a URL");
        else if (key[0] == ' ' || key[^1] == ' ')
            yield return new(Field, "begins or ends with a blank: remove it");
    }

    private static IEnumerable<FieldProblem> CheckProvider(string? provider)
    {
        const string Field = "spec.provider";
        if (string.IsNullOrEmpty(provider))
            yield return new(Field, "is missing: name a provider of Nango's catalogue, for instance slack");
        else if (provider.Length > MaxTextLength || !ProviderPattern().IsMatch(provider))
            yield return new(Field, "is not a provider name: use letters, digits, _ and -, at most 255");
    }

    private static IEnumerable<FieldProblem> CheckDisplayName(string? name)
    {
        const string Field = "spec.display_name";
        if (string.IsNullOrEmpty(name))
            yield return new(Field, "is missing: give a name for people, 1 to 255 characters");
        else if (name.Length > MaxTextLength)
            yield return new(Field, $"has {name.Length} UTF-16 units: Nango takes at most {MaxTextLength}");
        else if (name.Contains('\0', StringComparison.Ordinal))
            yield return new(Field, "has a NUL character: remove it");
    }

    private static IEnumerable<FieldProblem> CheckToken(NangoIntegrationSpec spec)
    {
        const string Field = "spec.nango_token";
        if (spec.NangoToken is not { } token) yield break;
        if (token.Problem is { } problem)
            yield return new(Field, problem);
        else if (token.Expansion is { } text && !string.Equals(text, DefaultCredentialPlaceholder, StringComparison.Ordinal))
            yield return new(Field, $"is a placeholder other than {DefaultCredentialPlaceholder}: nothing else is expanded; use a secretKeyRef for a token of your own");
    }

    private static IEnumerable<FieldProblem> CheckEnvironmentRef(NangoIntegrationSpec spec, EnvironmentReference reference)
    {
        const string Field = "spec.environment_ref";
        if (reference.Kind is not (NangoApi.EnvironmentKind or NangoApi.ClusterEnvironmentKind))
            yield return new($"{Field}.kind", $"is neither {NangoApi.EnvironmentKind} nor {NangoApi.ClusterEnvironmentKind}: write one of them");
        if (string.IsNullOrEmpty(reference.Name))
            yield return new($"{Field}.name", "is missing: name the environment object");
        if (spec.NangoToken is not null || spec.NangoBaseUrl is not null)
            yield return new(Field, "excludes nango_token and nango_base_url, which the environment object holds: remove them");
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9~:.@ _-]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex UniqueKeyPattern();

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ProviderPattern();
}
