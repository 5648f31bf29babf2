using System.Text.RegularExpressions;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>Names that become part of a path. Nango's own patterns are checked before sending, so nothing can change the route.</summary>
internal static partial class PathNames
{
    /// <summary>A key as a path segment.</summary>
    /// <exception cref="FailureException">Terminal: Nango does not take such a key, or it cannot stand in a path.</exception>
    public static string UniqueKey(string uniqueKey)
    {
        // "." and ".." are legal keys to Nango, but every URL parser removes them from a path.
        if (uniqueKey is "." or ".." || !UniqueKeyPattern().IsMatch(uniqueKey))
            throw Invalid("spec.unique_key must be 1 to 255 letters, digits or ~ : . @ _ - and blanks, and neither . nor .. alone.");
        return Uri.EscapeDataString(uniqueKey);
    }

    /// <summary>A provider as a path segment.</summary>
    /// <exception cref="FailureException">Terminal: no provider has such a name.</exception>
    public static string Provider(string provider) => ProviderPattern().IsMatch(provider)
        ? provider
        : throw Invalid("spec.provider must be 1 to 255 letters, digits, _ or -, as in Nango's catalogue.");

    private static FailureException Invalid(string message) => new(new Failure(FailureKind.Terminal, Reasons.InvalidSpec, message));

    [GeneratedRegex(@"\A[a-zA-Z0-9~:.@ _-]{1,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UniqueKeyPattern();

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]{1,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ProviderPattern();
}
