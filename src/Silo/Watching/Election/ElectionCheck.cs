using NangoOrleans.Configuration;
using NangoOrleans.Hosting;
using NangoOrleans.Kubernetes;

namespace NangoOrleans.Watching;

/// <summary>Ends a start that could never watch for want of a right to the Lease: it would wait for ever.</summary>
internal sealed class ElectionCheck(AccessProbe access, OperatorEnvironment environment) : IStartupCheck
{
    private static readonly IReadOnlyList<RequiredAccess> Required =
        [new("get", ResourceType.Leases), new("create", ResourceType.Leases), new("patch", ResourceType.Leases)];

    /// <inheritdoc/>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            var missing = await access.FindMissingAsync(environment.Namespace, Required, cancellationToken);
            return missing.Count == 0
                ? null
                : $"The operator may not {string.Join(", ", missing)} in namespace {environment.Namespace}, so it cannot be elected to watch: give its role these rights.";
        }
        catch (KubernetesRequestException e)
        {
            return $"The operator's rights could not be found out: {e.Message}";
        }
    }
}
