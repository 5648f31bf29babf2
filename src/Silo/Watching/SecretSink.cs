using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>Tells the resources and environments that refer to a Secret when it changes. It sees metadata only, never a value.</summary>
internal sealed class SecretSink(IntegrationIndex index, EnvironmentHealth environments, CoalescingDispatcher dispatcher) : IFeedSink<ObjectIdentity>
{
    /// <summary>None: the feed keeps its own, for the deletions that a gap hides.</summary>
    public IFeedIndex? Index => null;

    /// <inheritdoc/>
    public ValueTask ListStartedAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask UpsertAsync(ObjectIdentity identity, ObjectIdentity item, bool fromList, CancellationToken cancellationToken) =>
        TellAsync(identity, cancellationToken);

    /// <inheritdoc/>
    public ValueTask BrokenAsync(BrokenObject broken, bool fromList, CancellationToken cancellationToken) =>
        TellAsync(broken.Identity, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(ObjectIdentity identity, ObjectIdentity last, CancellationToken cancellationToken) =>
        TellAsync(identity with { Uid = "", ResourceVersion = "" }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SyncedAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Connected()
    {
        // The watch of Secrets is a convenience; readiness does not hang on it.
    }

    /// <inheritdoc/>
    public void Disconnected(string reason)
    {
        // See Connected.
    }

    private async ValueTask TellAsync(ObjectIdentity secret, CancellationToken cancellationToken)
    {
        environments.SecretChanged(secret);
        foreach (var key in index.UsersOf(secret))
            await dispatcher.OfferAsync(key, new IntegrationPoke { Recheck = true }, ReconcileLane.Change, cancellationToken);
    }
}
