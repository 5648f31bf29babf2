using System.Globalization;
using System.Text.RegularExpressions;

namespace NangoOrleans.Configuration;

/// <summary>Durations as people write them: <c>90s</c>, <c>10m</c>, <c>1h30m</c> (Kubernetes) or <c>00:10:00</c> (.NET).</summary>
internal static partial class Durations
{
    /// <summary>Reads a duration.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="duration">The duration, when the answer is true.</param>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);

        if (text.Length is 0 or > 32 || !Units().IsMatch(text)) return false;

        var seconds = 0.0;
        foreach (Match part in Part().Matches(text))
        {
            var amount = double.Parse(part.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            seconds += amount * SecondsPer(part.Groups[2].Value);
        }

        if (seconds > TimeSpan.MaxValue.TotalSeconds / 2) return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static double SecondsPer(string unit) => unit switch
    {
        "ms" => 0.001,
        "s" => 1,
        "m" => 60,
        _ => 3600,
    };

    [GeneratedRegex(@"^([0-9]+(\.[0-9]+)?(h|ms|m|s))+$", RegexOptions.ExplicitCapture)]
    private static partial Regex Units();

    [GeneratedRegex(@"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s)")]
    private static partial Regex Part();
}
