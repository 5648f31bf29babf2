using System.Text.Json;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>What must hold of every status we write (Kubernetes API conventions, kstatus, our own promises).</summary>
internal static class ConditionRules
{
    public static void AssertHold(NangoIntegrationStatus? before, NangoIntegrationStatus after, bool isDeleting = false)
    {
        var conditions = after.Conditions;
        Assert.Equal(conditions.Count, conditions.Select(c => c.Type).Distinct(StringComparer.Ordinal).Count());
        Assert.All(conditions, c => Assert.Matches("^[A-Z][A-Za-z]+$", c.Reason));
        Assert.All(conditions, c => Assert.True(c.Message.Length == 0 || c.Message.EndsWith('.'), c.Message));
        Assert.Contains(conditions, c => c.Type == ConditionTypes.Ready);
        Assert.All(conditions.Where(c => c.Type is ConditionTypes.Reconciling or ConditionTypes.Stalled), c => Assert.Equal("True", c.Status));
        Assert.False(after.IsTrue(ConditionTypes.Reconciling) && after.IsTrue(ConditionTypes.Stalled), "at work and at a dead end at once");
        Assert.False(after.IsTrue(ConditionTypes.Ready) && after.IsTrue(ConditionTypes.Stalled), "ready and at a dead end at once");
        Assert.False(after.IsTrue(ConditionTypes.IntegrationCreated) && after.IsTrue(ConditionTypes.IntegrationCreationFailed), "made and not made at once");
        Assert.Contains(after.Status, (string[])["Pending", "Created", "Failed", "Deleting", "Suspended", "Conflict"]);
        Assert.Equal(after.Status is IntegrationPhase.Failed or IntegrationPhase.Conflict, !isDeleting && after.ErrorMessage is { Length: > 0 } && after.Status is not IntegrationPhase.Pending);
        Assert.Equal(after.NextRetryTime is not null, after.Attempts is not null);
        if (after.IsTrue(ConditionTypes.Stalled)) Assert.Null(after.NextRetryTime);
        if (after.Attempts is not null && after.IsTrue(ConditionTypes.Ready)) Assert.Fail("ready with failed attempts");
        foreach (var condition in conditions)
        {
            var former = before?.Condition(condition.Type);
            if (former is null) continue;
            if (former.Status == condition.Status) Assert.Equal(former.LastTransitionTime, condition.LastTransitionTime);
            else Assert.True(condition.LastTransitionTime >= former.LastTransitionTime);
        }

        Assert.NotEqual(Text(before), Text(after));
    }

    private static string Text(NangoIntegrationStatus? status) => JsonSerializer.Serialize(status is null ? null : status with { LastUpdated = null });
}
