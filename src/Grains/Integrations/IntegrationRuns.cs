using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Integrations;

/// <summary>What every integration grain of a silo shares.</summary>
/// <param name="Run">Observe, decide, act.</param>
/// <param name="Leftovers">Removes what is left of resources that are gone.</param>
/// <param name="Gate">Bound on concurrent runs.</param>
/// <param name="Hold">What Nango asked to wait for.</param>
/// <param name="Store">The resources.</param>
/// <param name="Events">Kubernetes events.</param>
/// <param name="Witnesses">The other silos.</param>
public sealed record IntegrationRuns(
    IntegrationRun Run, LeftoverRemover Leftovers, ReconcileGate Gate, EnvironmentHold Hold, IIntegrationStore Store, IEventRecorder Events, IWitnesses Witnesses)
{
    /// <summary>What a run would only find out again: that everybody waits for an environment. Null when nobody does.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="environmentKey">Environment it was last seen to use; null when none was.</param>
    public Outcome.Waiting? FindHold(NangoIntegration resource, string? environmentKey)
    {
        if (Hold.Find(environmentKey) is not { } held) return null;
        // Its run concludes that the time for it goes by.
        if (resource.IsDeleting && DeletionPlanner.IsOutage(held)) return null;
        // The environment object tells its own trouble.
        var message = held.Reason == Reasons.CircuitOpen && resource.Spec?.EnvironmentRef is { } reference
            ? EnvironmentUse.NotReady(EnvironmentId.Of(reference, resource.Metadata.Namespace))
            : held;
        return new Outcome.Waiting(message.Reason, message.Message, held.RetryAfter!.Value);
    }
}
