using NangoOrleans.Environments;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Kubernetes;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Integrations;

/// <summary>What every integration grain of a silo shares.</summary>
/// <param name="Run">Observe, decide, act.</param>
/// <param name="Undo">Removes what was made for a resource that vanished.</param>
/// <param name="Gate">Bound on concurrent runs.</param>
/// <param name="Hold">What Nango asked to wait for.</param>
/// <param name="Store">The resources.</param>
/// <param name="Events">Kubernetes events.</param>
public sealed record IntegrationRuns(IntegrationRun Run, CreateUndo Undo, ReconcileGate Gate, EnvironmentHold Hold, IIntegrationStore Store, IEventRecorder Events);
