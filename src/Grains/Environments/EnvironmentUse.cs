using NangoOrleans.Failures;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Environments;

/// <summary>Whether an integration may use the environment object it refers to, and where that leads. Pure.</summary>
/// <param name="Environment">The object; null when it was not seen.</param>
/// <param name="BaseUrl">Its base URL, or why it may not be used.</param>
public sealed record EnvironmentUse(NangoEnvironment? Environment, BaseUrlAnswer BaseUrl)
{
    /// <summary>How long to wait for something that the operator itself is about to find out; its arrival wakes the resource anyway.</summary>
    private static readonly TimeSpan OwnWork = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait for an environment that is away; its recovery wakes the resource anyway.</summary>
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(30);

    /// <summary>Decides from what was seen: existence, namespace, key, base URL.</summary>
    /// <param name="reference">What the integration refers to.</param>
    /// <param name="integration">The integration.</param>
    /// <param name="view">What was seen.</param>
    /// <param name="access">The administrator's word on base URLs.</param>
    public static EnvironmentUse Decide(EnvironmentReference reference, NangoIntegration integration, IEnvironmentView view, INangoAccess access)
    {
        var id = EnvironmentId.Of(reference, integration.Metadata.Namespace);
        if (id.IsClusterScoped && !view.SeesCluster) return new(null, new(null, OutOfSight(id)));
        if (view.Find(id) is not { } environment)
            return new(null, new(null, view.IsComplete ? NotFound(id) : Wait("Waiting for the operator to have seen all environments.")));
        if (environment.Spec is not { } spec) return new(environment, new(null, NotReady(id)));
        var refusal = CheckNamespace(environment, integration.Metadata.Namespace, view)
            ?? (integration.IsDeleting ? null : CheckKey(environment, integration, view));
        if (refusal is not null) return new(environment, new(null, refusal));
        var answer = access.CheckBaseUrl(spec.BaseUrl);
        return new(environment, answer.BaseUrl is null ? new(null, NotReady(id)) : answer);
    }

    /// <summary>Whether the environment is usable now; its own status is the one place that says so.</summary>
    /// <param name="environment">The environment.</param>
    public static Failure? CheckReadiness(NangoEnvironment environment)
    {
        var ready = environment.Status?.Condition(ConditionTypes.Ready);
        if (ready is null || environment.Status!.ObservedGeneration != environment.Metadata.Generation)
            return Wait($"Waiting for the operator to have checked {environment.Id}.");
        if (ready is { Status: "True" } or { Reason: Reasons.Suspended }) return null;
        return environment.Status.Condition(ConditionTypes.Stalled) is not null
            ? NotReady(environment.Id)
            : NotReady(environment.Id) with { Kind = FailureKind.Throttled, RetryAfter = Outage };
    }

    /// <summary>Where an environment object leads.</summary>
    /// <param name="environment">The object.</param>
    /// <param name="baseUrl">Its base URL, checked and normalised.</param>
    /// <param name="token">Its token.</param>
    public static NangoEndpoint Endpoint(NangoEnvironment environment, string baseUrl, string token) => new(baseUrl, token, environment.Metadata.Uid, environment.Spec!.CaBundle)
    {
        // Said even when it says nothing: a limit that was taken out of the object must be forgotten.
        Limits = new RequestLimits(environment.Metadata.Generation, environment.Spec.RateLimit?.RequestsPerMinute, environment.Spec.RateLimit?.ReservePercent),
    };

    /// <summary>The short pointer that an integration shows instead of its environment's own trouble.</summary>
    /// <param name="id">The environment.</param>
    public static Failure NotReady(EnvironmentId id) =>
        Refuse(Reasons.EnvironmentNotReady, $"{id} is not ready: see its status");

    /// <summary>The environment is not there.</summary>
    /// <param name="id">The environment.</param>
    public static Failure NotFound(EnvironmentId id) => new(
        FailureKind.Transient,
        Reasons.EnvironmentNotFound,
        $"spec.environment_ref refers to {id}, which does not exist{(id.IsClusterScoped ? "" : $" in namespace {id.Namespace}")}: create it, or correct the reference");

    /// <summary>The operator is confined to namespaces.</summary>
    /// <param name="id">The environment.</param>
    public static Failure OutOfSight(EnvironmentId id) => Refuse(
        Reasons.EnvironmentNotAllowed,
        $"spec.environment_ref refers to {id}, but this operator is confined to namespaces: refer to a NangoEnvironment, or ask its administrator for Watch:ClusterEnvironments");

    /// <summary>The environment was not checked yet.</summary>
    /// <param name="message">What is waited for.</param>
    public static Failure Wait(string message) => new(FailureKind.Throttled, Reasons.Progressing, message, OwnWork);

    private static Failure? CheckNamespace(NangoEnvironment environment, string @namespace, IEnvironmentView view)
    {
        if (!environment.Id.IsClusterScoped || NamespaceRules.Allows(environment.Spec!.AllowedNamespaces, @namespace, view.LabelsOf(@namespace))) return null;
        return Refuse(
            Reasons.EnvironmentNotAllowed,
            $"{environment.Id} does not allow namespace {@namespace}: ask its administrator to add the namespace to spec.allowed_namespaces, or refer to another environment");
    }

    private static Failure? CheckKey(NangoEnvironment environment, NangoIntegration integration, IEnvironmentView view)
    {
        var (policy, key, @namespace) = (environment.Spec!.KeyPrefixPolicy, integration.Spec?.UniqueKey, integration.Metadata.Namespace);
        if (policy is null || key is null) return null;
        var prefix = KeyPrefix.Expand(policy, @namespace);
        if (!key.StartsWith(prefix, StringComparison.Ordinal))
            return Refuse(Reasons.KeyPrefixRequired, $"spec.unique_key must begin with \"{prefix}\", as {environment.Id} asks of namespace {@namespace}: choose such a key");
        return KeyPrefix.BetterOwner(policy, @namespace, key, view.Namespaces) is { } other
            ? Refuse(Reasons.KeyPrefixRequired, $"spec.unique_key begins with \"{KeyPrefix.Expand(policy, other)}\", which {environment.Id} keeps for namespace {other}: choose another key")
            : null;
    }

    private static Failure Refuse(string reason, string message) => new(FailureKind.Terminal, reason, message);
}
