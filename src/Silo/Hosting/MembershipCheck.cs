using NangoOrleans.Clustering.Membership;
using NangoOrleans.Configuration;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Hosting;

/// <summary>Ends a start that could never join the others: no OrleansCluster to meet in, or no right to use it.</summary>
internal sealed class MembershipCheck(CrdProbe definitions, AccessProbe access, OperatorEnvironment environment) : IStartupCheck
{
    /// <inheritdoc/>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        var answer = await definitions.CheckServedAsync(ResourceType.OrleansClusters, OrleansApi.ClusterKind, cancellationToken);
        if (answer.State != CrdState.Served) return answer.Sentence;
        try
        {
            var missing = await access.FindMissingAsync(environment.Namespace, MembershipAccess.Required, cancellationToken);
            return missing.Count == 0
                ? null
                : $"The operator may not {string.Join(", ", missing)} in namespace {environment.Namespace}, so it cannot join its cluster: give its role these rights.";
        }
        catch (KubernetesRequestException e)
        {
            return $"The operator's rights could not be found out: {e.Message}";
        }
    }
}
