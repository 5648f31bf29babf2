using System.Globalization;

namespace NangoOrleans.Chaos;

/// <summary>Draws the lives of the resources: most come spread over time and some all at once, many are edited, a third is deleted, and a third of those comes back.</summary>
internal static class ResourcePlan
{
    // Shares of the run's length: nothing new near the end, so that the last disruptions meet all kinds of work, not only creations.
    private const double ArrivalsEnd = 0.6, StormAt = 0.1, ChangesEnd = 0.95;
    private const double StormShare = 0.25, DeletedShare = 0.33, ReturningShare = 0.33;

    public static IEnumerable<ResourceEvent> Draw(ChaosOptions options, Random random)
    {
        for (var i = 0; i < options.Resources; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"chaos-{i:D5}");
            foreach (var (at, action, revision) in DrawLife(random)) yield return new(options.Length * at, name, action, revision);
        }
    }

    private static List<(double At, ResourceAction Action, int Revision)> DrawLife(Random random)
    {
        var birth = random.NextDouble() < StormShare ? StormAt : random.NextDouble() * ArrivalsEnd;
        var edits = random.NextDouble() switch { < 0.5 => 0, < 0.8 => 1, < 0.95 => 2, _ => 3 };
        var life = new List<(double, ResourceAction, int)> { (birth, ResourceAction.Apply, 1) };
        double[] changes = [.. Enumerable.Range(0, edits).Select(_ => Between(random, birth, ChangesEnd)).Order()];
        var death = random.NextDouble() < DeletedShare ? Between(random, birth, ChangesEnd) : double.PositiveInfinity;
        foreach (var at in changes.Where(at => at < death)) life.Add((at, ResourceAction.Apply, life.Count + 1));
        if (double.IsInfinity(death)) return life;

        life.Add((death, ResourceAction.Delete, life.Count + 1));
        if (random.NextDouble() < ReturningShare) life.Add((Between(random, death, ChangesEnd), ResourceAction.Apply, life.Count + 1));
        return life;
    }

    private static double Between(Random random, double from, double to) => from + (random.NextDouble() * (to - from));
}
