using NangoOrleans.Failures;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>Decides for a resource in mode <c>Observe</c>: it is compared with Nango and reported, nothing is ever written there.</summary>
public static class ObservationPlanner
{
    /// <summary>Decides.</summary>
    /// <param name="seen">All that this run knows.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="spec">Its spec.</param>
    public static Decision Decide(Observed seen, NangoIntegration resource, NangoIntegrationSpec spec)
    {
        if (IntegrationPlanner.DecideSpec(spec, resource) is { } unusable) return unusable;
        // One that was managed before: nothing will have to be cleaned up for it any more.
        if (resource.HasFinalizer) return IntegrationPlanner.Do(new Step.DropFinalizer());
        if (IntegrationPlanner.DecideEnvironment(seen) is { } unavailable) return unavailable;
        if (!seen.IsComplete) return IntegrationPlanner.Do(new Step.ReadResource());
        return IntegrationPlanner.DecideValues(seen, spec) ?? Compare(seen, spec);
    }

    private static Decision Compare(Observed seen, NangoIntegrationSpec spec)
    {
        if (seen.Presence == RemotePresence.Unknown) return IntegrationPlanner.Do(new Step.ReadRemote(WithCredentials: spec.Credentials is not null));
        if (seen.Remote is not { } remote) return IntegrationPlanner.Conclude(new Outcome.Deviates(Reasons.Absent, []));
        List<string> fields = string.Equals(remote.Provider, spec.Provider, StringComparison.Ordinal) ? [] : ["provider"];
        fields.AddRange(IntegrationDifference.Compute(spec, seen.Values!.Credentials, remote, sendUnreadable: false).FieldNames);
        return IntegrationPlanner.Conclude(fields.Count == 0 ? new Outcome.InSync(null, []) : new Outcome.Deviates(Reasons.Differs, fields));
    }
}
