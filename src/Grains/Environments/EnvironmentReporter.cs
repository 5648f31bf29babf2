using System.Text.Json;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Resources;

namespace NangoOrleans.Environments;

/// <summary>Turns a verdict and counts into the status of an environment object. Pure; the one place that does.</summary>
public static class EnvironmentReporter
{
    /// <summary>The whole status after a look.</summary>
    /// <param name="environment">The object.</param>
    /// <param name="verdict">What the look showed.</param>
    /// <param name="counts">Its integrations.</param>
    /// <param name="now">The time.</param>
    /// <returns>The new status; null when nothing changed and nothing is to be written.</returns>
    public static NangoEnvironmentStatus? Report(NangoEnvironment environment, EnvironmentVerdict verdict, IntegrationCounts counts, DateTimeOffset now)
    {
        var previous = environment.Status ?? new NangoEnvironmentStatus();
        var status = previous with
        {
            ObservedGeneration = environment.Metadata.Generation,
            TokenSecret = verdict.Secret,
            ObservedLimit = verdict.Limit ?? previous.ObservedLimit,
            Conditions = Judge(previous, environment, verdict.Failure, WholeSeconds(now)),
        };
        // Counts alone are no reason to write at once; with a transition they cost nothing.
        if (AreEqual(previous, status)) return null;
        return status with { Integrations = counts, LastUpdated = WholeSeconds(now) };
    }

    /// <summary>The whole status with other counts.</summary>
    /// <param name="previous">As last written.</param>
    /// <param name="counts">Its integrations.</param>
    /// <param name="now">The time.</param>
    /// <returns>The new status; null when the counts are the same.</returns>
    public static NangoEnvironmentStatus? Count(NangoEnvironmentStatus previous, IntegrationCounts counts, DateTimeOffset now) =>
        previous.Integrations == counts ? null : previous with { Integrations = counts, LastUpdated = WholeSeconds(now) };

    private static IReadOnlyList<Condition> Judge(NangoEnvironmentStatus previous, NangoEnvironment environment, Failure? failure, DateTimeOffset now)
    {
        var generation = environment.Metadata.Generation;
        if (environment.Spec?.Suspend == true)
            return Conditions.Build(previous.Conditions, generation, now, (ConditionTypes.Ready, false, Reasons.Suspended, "Left alone while spec.suspend is true."));
        if (failure is null)
            return Conditions.Build(previous.Conditions, generation, now, (ConditionTypes.Ready, true, Reasons.TokenAccepted, "Nango accepts the token."));
        var message = failure.Message.EndsWith('.') ? failure.Message : failure.Message + ".";
        return Conditions.Build(
            previous.Conditions, generation, now,
            (ConditionTypes.Ready, false, failure.Reason, message),
            (failure.Kind == FailureKind.Terminal ? ConditionTypes.Stalled : ConditionTypes.Reconciling, true, failure.Reason, message));
    }

    private static bool AreEqual(NangoEnvironmentStatus left, NangoEnvironmentStatus right) =>
        JsonSerializer.SerializeToUtf8Bytes(left).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(right));

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
