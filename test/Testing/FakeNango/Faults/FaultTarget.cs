namespace NangoOrleans.FakeNango;

/// <summary>Whether a rule is about a call.</summary>
internal static class FaultTarget
{
    public static bool Matches(FaultRule rule, ApiRequest request) =>
        (rule.Method is null || string.Equals(rule.Method, request.Method, StringComparison.OrdinalIgnoreCase))
        && MatchesPath(rule.Path, request);

    private static bool MatchesPath(string? wanted, ApiRequest request)
    {
        if (wanted is null)
            return request.Route.Operation is not (Operation.Health or Operation.Ready);
        if (wanted.Contains('{', StringComparison.Ordinal))
            return SameTemplate(wanted, request.Route.Template);
        if (wanted.EndsWith('$'))
            return request.Path == wanted[..^1];
        var folder = wanted.TrimEnd('/');
        return request.Path.StartsWith(folder, StringComparison.Ordinal)
            && (request.Path.Length == folder.Length || request.Path[folder.Length] == '/');
    }

    // A placeholder may have any name.
    private static bool SameTemplate(string wanted, string template)
    {
        var left = wanted.Split('/');
        var right = template.Split('/');
        return left.Length == right.Length && left.Zip(right).All(pair => pair.First == pair.Second || pair.First.StartsWith('{') && pair.Second.StartsWith('{'));
    }
}
