using NangoOrleans.Failures;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Environments;

/// <summary>Finds where a run leads: by the environment object that the integration refers to, or by its own base URL.</summary>
public sealed class EnvironmentResolver(IEnvironmentView view, IEnvironmentStore store, EnvironmentTokens tokens, INangoAccess access)
{
    /// <summary>Decides where to; a refusal stands in the answer.</summary>
    /// <param name="integration">The integration.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<EnvironmentUse> ResolveAsync(NangoIntegration integration, CancellationToken cancellationToken)
    {
        if (integration.Spec?.EnvironmentRef is not { } reference) return new(null, access.CheckBaseUrl(integration.Spec?.NangoBaseUrl));
        var use = EnvironmentUse.Decide(reference, integration, view, access);
        if (use.BaseUrl.Refusal?.Reason == Reasons.EnvironmentNotFound) return await LookAsync(use, EnvironmentId.Of(reference, integration.Metadata.Namespace), cancellationToken);
        // A deletion does not wait for better times: what stands in its way is tried for a bounded time.
        if (integration.IsDeleting || use.BaseUrl.Refusal is not null || use.Environment is not { } environment) return use;
        return EnvironmentUse.CheckReadiness(environment) is { } unready && environment.Spec?.Suspend != true ? use with { BaseUrl = new(null, unready) } : use;
    }

    /// <summary>The endpoint of an environment object.</summary>
    /// <param name="environment">The object.</param>
    /// <param name="baseUrl">Its base URL, checked and normalised.</param>
    /// <param name="isDeleting">True: a token that was read before will do, when its Secret is gone.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="FailureException">Its token cannot be read; its own status says why.</exception>
    public async Task<NangoEndpoint> GetEndpointAsync(NangoEnvironment environment, string baseUrl, bool isDeleting, CancellationToken cancellationToken)
    {
        try
        {
            var token = await tokens.GetAsync(environment, isDeleting, cancellationToken);
            return EnvironmentUse.Endpoint(environment, baseUrl, token.Text);
        }
        catch (FailureException e) when (e.Failure.Reason is Reasons.SecretNotFound or Reasons.SecretForbidden or Reasons.InvalidSpec or Reasons.TokenMalformed)
        {
            throw new FailureException(Refused(environment));
        }
    }

    /// <summary>What an integration says of a failed call, and whether the environment is to be looked at.</summary>
    /// <param name="environment">The environment object behind the call; null when there is none.</param>
    /// <param name="failure">The failure.</param>
    public Failure Report(NangoEnvironment? environment, Failure failure)
    {
        if (environment is null) return failure;
        switch (failure.Reason)
        {
            case Reasons.TokenRefused or Reasons.TokenMalformed:
                return Refused(environment);
            case Reasons.CircuitOpen:
                view.Doubt(environment.Id);
                return EnvironmentUse.NotReady(environment.Id) with { Kind = FailureKind.Throttled, RetryAfter = failure.RetryAfter };
            case Reasons.Unreachable or Reasons.CertificateRefused or Reasons.Timeout or Reasons.NangoUnavailable or Reasons.UnexpectedAnswer:
                view.Doubt(environment.Id);
                return failure;
            default:
                return failure;
        }
    }

    private Failure Refused(NangoEnvironment environment)
    {
        tokens.Forget(environment);
        view.Doubt(environment.Id);
        return EnvironmentUse.NotReady(environment.Id);
    }

    // Resources that are applied together arrive in any order: one read spares the flash of an error.
    private async Task<EnvironmentUse> LookAsync(EnvironmentUse use, EnvironmentId id, CancellationToken cancellationToken)
    {
        try
        {
            return await store.GetAsync(id, cancellationToken) is null ? use : use with { BaseUrl = new(null, EnvironmentUse.Wait($"Waiting for the operator to have checked {id}.")) };
        }
        catch (FailureException e)
        {
            return use with { BaseUrl = new(null, e.Failure) };
        }
    }
}
