using System.Globalization;

namespace NangoOrleans.Chaos;

/// <summary>How a run ended.</summary>
/// <param name="Plan">What was done.</param>
/// <param name="Violations">Every broken promise; none when all is well.</param>
/// <param name="Calls">Nango's journal.</param>
/// <param name="Converged">Time from the end of the plan until everything was as declared; null when it never was.</param>
/// <param name="EndedByThemselves">Silos that ended without being asked to.</param>
public sealed record ChaosReport(ChaosPlan Plan, IReadOnlyList<Violation> Violations, IReadOnlyList<Call> Calls, TimeSpan? Converged, int EndedByThemselves)
{
    /// <summary>The figures, a line each.</summary>
    public IEnumerable<string> Describe()
    {
        var fates = Plan.Fates.Values;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"resources {fates.Count()}: {fates.Sum(f => f.Lifetimes)} lifetimes, {fates.Sum(f => f.Edits)} edits, {fates.Sum(f => f.Deletions)} deletions, {fates.Count(f => f.Revision is not null)} live at the end");
        yield return $"disruptions {Plan.Disruptions.Length}: {string.Join(", ", Plan.Disruptions.GroupBy(d => d.Kind).OrderBy(g => g.Key).Select(g => $"{g.Count().ToString(CultureInfo.InvariantCulture)} {g.Key}"))}";
        yield return $"silos that ended by themselves: {EndedByThemselves.ToString(CultureInfo.InvariantCulture)}";
        yield return $"calls of Nango: {string.Join(", ", Calls.GroupBy(c => (c.Method, c.Status)).OrderBy(g => g.Key).Select(g => $"{g.Count().ToString(CultureInfo.InvariantCulture)} {g.Key.Method} {g.Key.Status?.ToString(CultureInfo.InvariantCulture) ?? "unanswered"}"))}";
        yield return Converged is { } time
            ? string.Create(CultureInfo.InvariantCulture, $"converged {time.TotalSeconds:F1} s after the last event")
            : "did not converge";
    }
}
