using NangoOrleans.Configuration;
using NangoOrleans.Hosting;
using NangoOrleans.Kubernetes;

namespace NangoOrleans.Watching;

/// <summary>Ends a start that could never work: no cluster, no CRD, or no right to list.</summary>
internal sealed class ClusterCheck(CrdProbe probe, WatchOptions watch) : IStartupCheck
{
    /// <inheritdoc/>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        string?[] namespaces = watch.Namespaces.Count == 0 ? [null] : [.. watch.Namespaces];
        foreach (var name in namespaces)
        {
            var answer = await probe.CheckAsync(name, watch.ClusterEnvironments, cancellationToken);
            if (answer.State != CrdState.Served) return answer.Sentence;
        }

        return null;
    }
}
