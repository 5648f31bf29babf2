using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Reporting;

/// <summary>What a run leaves behind: at most one status write, events about transitions, and when to look again.</summary>
/// <param name="Status">The whole new status; null when nothing changed and nothing is to be written.</param>
/// <param name="Events">Transitions to tell.</param>
/// <param name="LookAgainAfter">When to run again; null when nothing is due.</param>
public sealed record Report(NangoIntegrationStatus? Status, IReadOnlyList<ReportedEvent> Events, TimeSpan? LookAgainAfter)
{
    /// <summary>Nothing to write, to tell or to do.</summary>
    public static Report Nothing { get; } = new(null, [], null);
}

/// <summary>An event about a resource.</summary>
/// <param name="Warning">Warning or Normal.</param>
/// <param name="Reason">One of <see cref="Failures.Reasons"/>.</param>
/// <param name="Message">A sentence.</param>
public sealed record ReportedEvent(bool Warning, string Reason, string Message);
