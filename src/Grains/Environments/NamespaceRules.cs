using NangoOrleans.Resources;

namespace NangoOrleans.Environments;

/// <summary>Which namespaces a <c>ClusterNangoEnvironment</c> serves.</summary>
public static class NamespaceRules
{
    /// <summary>Whether a namespace is allowed: by name, or by its labels. Nothing said allows nobody.</summary>
    /// <param name="allowed">The rule.</param>
    /// <param name="namespace">Name of the namespace.</param>
    /// <param name="labels">Its labels; null when it was not seen.</param>
    public static bool Allows(AllowedNamespaces? allowed, string @namespace, IReadOnlyDictionary<string, string>? labels) =>
        allowed is not null
        && (allowed.Names?.Contains(@namespace, StringComparer.Ordinal) == true || (allowed.Selector is { } selector && labels is not null && Matches(selector, labels)));

    private static bool Matches(NamespaceSelector selector, IReadOnlyDictionary<string, string> labels) =>
        (selector.MatchLabels ?? EmptyLabels).All(wanted => labels.TryGetValue(wanted.Key, out var value) && string.Equals(value, wanted.Value, StringComparison.Ordinal))
        && (selector.MatchExpressions ?? []).All(requirement => Matches(requirement, labels));

    // As Kubernetes reads them: NotIn also matches where the label is missing.
    private static bool Matches(SelectorRequirement requirement, IReadOnlyDictionary<string, string> labels)
    {
        var has = labels.TryGetValue(requirement.Key, out var value);
        var isListed = has && requirement.Values?.Contains(value, StringComparer.Ordinal) == true;
        return requirement.Operator switch
        {
            "In" => isListed,
            "NotIn" => !isListed,
            "Exists" => has,
            "DoesNotExist" => !has,
            _ => false,
        };
    }

    private static readonly Dictionary<string, string> EmptyLabels = [];
}
