using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Reporting;

/// <summary>Builds the whole list of conditions from what is to be said, keeping transition times (Kubernetes API conventions).</summary>
public static class Conditions
{
    /// <summary>Builds the list, in a fixed order.</summary>
    /// <param name="previous">The conditions as last reported.</param>
    /// <param name="generation">Generation spoken of.</param>
    /// <param name="now">Time of a transition.</param>
    /// <param name="conditions">Type, status, reason and message; Reconciling and Stalled are given only while true.</param>
    public static IReadOnlyList<Condition> Build(
        IReadOnlyList<Condition> previous, long generation, DateTimeOffset now, params ReadOnlySpan<(string Type, bool Status, string Reason, string Message)> conditions)
    {
        var built = new List<Condition>(conditions.Length);
        foreach (var (type, isTrue, reason, message) in conditions)
        {
            var status = isTrue ? "True" : "False";
            var before = previous.FirstOrDefault(c => string.Equals(c.Type, type, StringComparison.Ordinal));
            built.Add(new Condition
            {
                Type = type,
                Status = status,
                Reason = reason,
                Message = message,
                ObservedGeneration = generation,
                LastTransitionTime = string.Equals(before?.Status, status, StringComparison.Ordinal) ? before!.LastTransitionTime : now,
            });
        }

        return built;
    }
}
