namespace NangoOrleans.Environments;

/// <summary>The rule of <c>key_prefix_policy</c>: which keys belong to a namespace.</summary>
public static class KeyPrefix
{
    /// <summary>Stands for the namespace.</summary>
    public const string Placeholder = "{namespace}";

    /// <summary>What the keys of a namespace begin with.</summary>
    /// <param name="policy">The template.</param>
    /// <param name="namespace">The namespace.</param>
    public static string Expand(string policy, string @namespace) => policy.Replace(Placeholder, @namespace, StringComparison.Ordinal);

    /// <summary>
    /// Under <c>{namespace}-</c> the key <c>team-a-slack</c> fits the namespaces <c>team</c> and <c>team-a</c>: it belongs to the
    /// longer one, where that exists. A separator that no namespace's name can hold, such as a dot, leaves no such doubt.
    /// </summary>
    /// <param name="policy">The template.</param>
    /// <param name="namespace">A namespace that the key fits.</param>
    /// <param name="key">The key.</param>
    /// <param name="namespaces">All namespaces.</param>
    /// <returns>The namespace that the key fits better; null when there is none.</returns>
    public static string? BetterOwner(string policy, string @namespace, string key, IReadOnlyCollection<string> namespaces)
    {
        var end = policy.IndexOf(Placeholder, StringComparison.Ordinal);
        if (end < 0) return null;
        end += Placeholder.Length;
        if (end < policy.Length && !IsOfNames(policy[end])) return null;
        return namespaces
            .Where(other => other.Length > @namespace.Length
                && other.StartsWith(@namespace, StringComparison.Ordinal)
                && key.StartsWith(Expand(policy, other), StringComparison.Ordinal))
            .MaxBy(other => other.Length);
    }

    private static bool IsOfNames(char c) => c == '-' || char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}
