using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Execution;

/// <summary>
/// Finds the way back to the environment that a resource was last applied to, after its token or base URL was edited. Status holds no
/// reference to a credential, only the environment's key, and that is enough: it is the uid of an environment object, or a digest that
/// tells of any token at hand whether it was the one.
/// </summary>
public sealed class RecordedEnvironment(ISecretReader secrets, INangoAccess access, IEnvironmentView view, EnvironmentResolver environments)
{
    /// <summary>Searches.</summary>
    /// <param name="resource">The resource, complete.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The environment object, if it is one, and where it leads; null when the credential is gone or may not be used any more.</returns>
    /// <exception cref="FailureException">The API server did not answer, or the environment object's token cannot be read.</exception>
    public async Task<(NangoEnvironment? Environment, NangoEndpoint Endpoint)?> FindAsync(NangoIntegration resource, CancellationToken cancellationToken)
    {
        if (resource.Status?.Environment is not { Key.Length: > 0 } recorded) return null;
        if (view.FindByUid(recorded.Key) is { } environment) return await FindObjectAsync(environment, resource, cancellationToken);
        // Checked again: status is no proof that the administrator's list still has it.
        if (access.CheckBaseUrl(recorded.BaseUrl).BaseUrl is not { } baseUrl) return null;

        var @namespace = resource.Metadata.Namespace;
        if (Match(access.GetDefaultCredential(@namespace, baseUrl).Token) is { } own) return (null, own);
        if (resource.Spec?.NangoToken is { Kind: SensitiveValueKind.Literal, IsRedacted: false } inline && Match(inline.Reveal()) is { } written) return (null, written);
        var names = SecretNames.Of(resource.Spec).Concat((resource.Status.ObservedSecrets ?? []).Select(secret => secret.Name)).Distinct(StringComparer.Ordinal);
        foreach (var name in names)
        {
            foreach (var value in await ReadAsync(@namespace, name, cancellationToken))
                if (Match(value) is { } kept) return (null, kept);
        }

        return null;

        NangoEndpoint? Match(string? token) =>
            token?.Trim() is { Length: > 0 } text && new NangoEndpoint(baseUrl, text) is var endpoint && string.Equals(endpoint.EnvironmentKey, recorded.Key, StringComparison.Ordinal) ? endpoint : null;
    }

    private async Task<(NangoEnvironment? Environment, NangoEndpoint Endpoint)?> FindObjectAsync(NangoEnvironment environment, NangoIntegration resource, CancellationToken cancellationToken)
    {
        var (id, @namespace) = (environment.Id, resource.Metadata.Namespace);
        if (!id.IsClusterScoped && !string.Equals(id.Namespace, @namespace, StringComparison.Ordinal)) return null;
        var reference = new EnvironmentReference { Kind = id.Kind, Name = id.Name };
        return EnvironmentUse.Decide(reference, resource, view, access).BaseUrl.BaseUrl is { } baseUrl
            ? (environment, await environments.GetEndpointAsync(environment, baseUrl, isDeleting: true, cancellationToken))
            : null;
    }

    private async Task<IEnumerable<string>> ReadAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await secrets.ReadAsync(@namespace, name, cancellationToken))?.Values.Values ?? [];
        }
        catch (FailureException e) when (e.Failure.Reason == Reasons.SecretForbidden)
        {
            return [];
        }
    }
}
