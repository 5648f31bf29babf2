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
        var answer = await probe.CheckAsync(watch.Namespaces.Count == 0 ? null : watch.Namespaces[0], cancellationToken);
        return answer.State == CrdState.Served ? null : answer.Sentence;
    }
}
