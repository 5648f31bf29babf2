using NangoOrleans.Configuration;
using NangoOrleans.Kubernetes;
using NangoOrleans.Kubernetes.Leasing;

namespace NangoOrleans.Watching;

/// <summary>The election on a Lease in the operator's namespace.</summary>
internal sealed class LeaseElection : IElection
{
    private readonly LeaseElector _elector;

    public LeaseElection(KubernetesTransport transport, OperatorSettings settings, ILocalSiloDetails silo, TimeProvider time, ILogger<LeaseElector> logger)
    {
        Options = new LeaseOptions
        {
            Namespace = settings.Environment.Namespace,
            // With the default name of the installation: nango-integration-operator-watcher.
            Name = settings.Options.Orleans.Installation + "-watcher",
            Identity = settings.Options.Clustering == ClusteringKind.Kubernetes ? silo.SiloAddress.ToParsableString() : DevelopmentIdentity,
        };
        _elector = new LeaseElector(transport, Options, time, logger: logger);
    }

    /// <summary>
    /// Who a development silo is: the same after a restart, so that it takes over from itself at once even after SIGKILL. In a
    /// cluster it is the address of the silo instead, by which others reach its index.
    /// </summary>
    public static string DevelopmentIdentity => $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Which Lease, and as whom.</summary>
    public LeaseOptions Options { get; }

    /// <summary>The holder with what was seen of it.</summary>
    public LeaseHolder? Seen => _elector.Holder;

    /// <inheritdoc/>
    public string? Holder => _elector.Holder?.Identity;

    /// <inheritdoc/>
    public bool IsHeld => _elector.IsHeld;

    /// <inheritdoc/>
    public bool WasHandedOver { get; private set; }

    /// <inheritdoc/>
    public Task RunAsync(Func<long, CancellationToken, Task> lead, CancellationToken stop) => _elector.RunAsync(
        (term, over) =>
        {
            WasHandedOver = term.WasHandedOver;
            // Terms count from 1, so that 0 can mean "none".
            return lead(term.Number + 1, over);
        },
        stop);
}
