using System.Globalization;

namespace NangoOrleans.Chaos;

/// <summary>How a run ended.</summary>
/// <param name="Plan">What was done.</param>
/// <param name="Violations">Every broken promise; none when all is well.</param>
/// <param name="Calls">Nango's journal.</param>
/// <param name="Writes">What the API server was asked to write.</param>
/// <param name="Converged">Time from the end of the plan until everything was as declared; null when it never was.</param>
/// <param name="EndedByThemselves">Silos that ended without being asked to.</param>
public sealed record ChaosReport(ChaosPlan Plan, IReadOnlyList<Violation> Violations, IReadOnlyList<Call> Calls, IReadOnlyList<Write> Writes, TimeSpan? Converged, int EndedByThemselves)
{
    private const int MostComplaints = 50;

    /// <summary>Every broken promise, a line each, and after it what Nango and the API server were asked about that resource, in the order of time.</summary>
    public IEnumerable<string> Complaints()
    {
        foreach (var violation in Violations.Take(MostComplaints))
        {
            yield return $"VIOLATION {violation}";
            var calls = Calls.Where(c => c.Key == violation.Key).Select(c => (c.At, Text: string.Create(CultureInfo.InvariantCulture, $"Nango: {c.Method} #{c.Seq} {c.Status}")));
            var writes = Writes.Where(w => w.Name == violation.Key).Select(w => (w.At, Text: $"Kubernetes: {w.Text}"));
            foreach (var (at, text) in calls.Concat(writes).OrderBy(e => e.At)) yield return string.Create(CultureInfo.InvariantCulture, $"    {at:HH:mm:ss.fff} {text}");
        }
    }

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
