using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>What is worth an event about an environment object.</summary>
/// <param name="IsWarning">False for what an administrator wanted.</param>
/// <param name="Reason">Reason of the condition <c>Ready</c>.</param>
/// <param name="Message">Its message.</param>
internal sealed record EnvironmentTransition(bool IsWarning, string Reason, string Message)
{
    /// <summary>
    /// The step from one status to the next: <c>Ready</c> lost, regained or first known, or a new reason that waits for somebody.
    /// Null for anything else: a server that is away is so in several ways within a minute.
    /// </summary>
    /// <param name="before">As last written; null when it never was.</param>
    /// <param name="after">As written now.</param>
    public static EnvironmentTransition? Between(NangoEnvironmentStatus? before, NangoEnvironmentStatus after)
    {
        var (was, now) = (before?.Condition(ConditionTypes.Ready), after.Condition(ConditionTypes.Ready));
        if (now is null) return null;
        var isStep = was?.Status != now.Status || (was.Reason != now.Reason && (after.Condition(ConditionTypes.Stalled) is not null || now.Reason == Failures.Reasons.Suspended));
        return isStep ? new(now.Status != "True" && now.Reason != Failures.Reasons.Suspended, now.Reason, now.Message) : null;
    }
}
