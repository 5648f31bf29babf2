using System.Globalization;
using System.Text.RegularExpressions;

namespace NangoOrleans.Integrations.Validation;

/// <summary>Reads <c>spec.resync_interval</c>, a duration as Go writes it: <c>10m</c>, <c>1h30m</c>, <c>90s</c>.</summary>
public static partial class ResyncInterval
{
    /// <summary>The shortest interval: Nango's request limit counts by the minute.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>The longest interval that is not certainly a slip.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Reads an interval.</summary>
    /// <param name="text">As written in the resource.</param>
    /// <returns>The interval; null for none, and for one that <see cref="FindProblem"/> complains of: then the operator's setting counts.</returns>
    public static TimeSpan? Parse(string? text) => text is not null && Read(text) is { } interval && interval >= Shortest && interval <= Longest ? interval : null;

    /// <summary>What is wrong with an interval, as the rest of a sentence about the field; null when nothing is.</summary>
    /// <param name="text">As written in the resource.</param>
    public static string? FindProblem(string? text) => (text, text is null ? null : Read(text)) switch
    {
        (null, _) => null,
        (_, null) => "is no duration: write it as 10m, 1h30m or 90s",
        var (_, interval) when interval < Shortest => "is shorter than a minute: use 1m or more",
        var (_, interval) when interval > Longest => "is longer than a year: use 8760h or less",
        _ => null,
    };

    private static TimeSpan? Read(string text)
    {
        if (text.Length > 32 || !Whole().IsMatch(text)) return null;
        var seconds = 0.0;
        foreach (Match part in Part().Matches(text))
            seconds += double.Parse(part.Groups["amount"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) * (part.Groups["unit"].ValueSpan[0] switch { 'h' => 3600, 'm' => 60, _ => 1 });
        return seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
    }

    [GeneratedRegex("^(?:[0-9]+[smh])+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Whole();

    [GeneratedRegex("(?<amount>[0-9]+)(?<unit>[smh])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Part();
}
