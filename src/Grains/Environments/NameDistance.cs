namespace NangoOrleans.Environments;

/// <summary>Finds the names that somebody may have meant.</summary>
public static class NameDistance
{
    /// <summary>Up to three names within a third of the name's length in edits, or which contain it, nearest first.</summary>
    /// <param name="name">The name as written.</param>
    /// <param name="candidates">The names that exist.</param>
    public static IReadOnlyList<string> Nearest(string name, IEnumerable<string> candidates)
    {
        var limit = Math.Max(1, name.Length / 3);
        return
        [
            .. candidates
                .Select(candidate => (candidate, distance: Contains(candidate, name) ? 1 : Edits(name, candidate, limit)))
                .Where(c => c.distance <= limit)
                .OrderBy(c => c.distance).ThenBy(c => c.candidate.Length).ThenBy(c => c.candidate, StringComparer.Ordinal)
                .Select(c => c.candidate)
                .Take(3),
        ];
    }

    private static bool Contains(string candidate, string name) => name.Length >= 3 && candidate.Contains(name, StringComparison.OrdinalIgnoreCase);

    // Levenshtein distance, two rows; names are short.
    private static int Edits(string left, string right, int limit)
    {
        if (Math.Abs(left.Length - right.Length) > limit) return int.MaxValue;
        var (previous, current) = (new int[right.Length + 1], new int[right.Length + 1]);
        for (var j = 0; j <= right.Length; j++) previous[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                current[j] = Math.Min(Math.Min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + (same ? 0 : 1));
            }

            (previous, current) = (current, previous);
        }

        return previous[right.Length];
    }
}
