using System.Text.Json;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Whether the operator can start work on a cluster.</summary>
public enum CrdState
{
    /// <summary>The resource is served and may be listed.</summary>
    Served,

    /// <summary>The API server cannot be reached.</summary>
    Unreachable,

    /// <summary>The credential is not accepted (401) or lacks the right to list (403).</summary>
    Forbidden,

    /// <summary>The CRD is not installed, or serves another version.</summary>
    Missing,
}

/// <summary>Answer of <see cref="CrdProbe"/>.</summary>
/// <param name="State">What was found.</param>
/// <param name="Sentence">What is wrong and the remedy; empty when all is well.</param>
public sealed record CrdAnswer(CrdState State, string Sentence);

/// <summary>Checks at start that our kinds are served and may be listed, so that a silo can end with one clear sentence instead of a retry loop.</summary>
/// <param name="transport">Connection to the API server.</param>
public sealed class CrdProbe(KubernetesTransport transport)
{
    private const string Remedy = "apply it with: NangoOrleans.Silo crd | kubectl apply -f -";

    private static readonly (ResourceType Type, string Kind, bool IsNamespaced)[] Kinds =
    [
        (ResourceType.NangoIntegrations, NangoApi.IntegrationKind, true),
        (ResourceType.NangoEnvironments, NangoApi.EnvironmentKind, true),
        (ResourceType.ClusterNangoEnvironments, NangoApi.ClusterEnvironmentKind, false),
    ];

    /// <summary>Asks discovery for each kind, then for one object of it.</summary>
    /// <param name="namespace">Where the operator will watch; null for the whole cluster.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CrdAnswer> CheckAsync(string? @namespace, CancellationToken cancellationToken)
    {
        foreach (var (type, kind, isNamespaced) in Kinds)
        {
            var answer = await CheckAsync(type, kind, isNamespaced ? @namespace : null, cancellationToken);
            if (answer.State != CrdState.Served) return answer;
        }

        // Which namespaces may use an environment depends on their labels.
        return await CheckAsync(ResourceType.Namespaces, "Namespace", null, cancellationToken);
    }

    /// <summary>Asks discovery whether a kind is served, and nothing about rights.</summary>
    /// <param name="type">The kind as its URL names it.</param>
    /// <param name="kind">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CrdAnswer> CheckServedAsync(ResourceType type, string kind, CancellationToken cancellationToken)
    {
        try
        {
            var served = await transport.SendAsync(
                new(HttpMethod.Get, type.VersionPath, "discovery"), json => Lists(json, type.Plural), cancellationToken);
            return served ? new(CrdState.Served, "") : new(CrdState.Missing, $"The CRD of {kind} is not installed in {transport.BaseUri}: {Remedy}");
        }
        catch (KubernetesRequestException e)
        {
            return Answer(e.Error, type, kind, null);
        }
    }

    private async Task<CrdAnswer> CheckAsync(ResourceType type, string kind, string? @namespace, CancellationToken cancellationToken)
    {
        var served = await CheckServedAsync(type, kind, cancellationToken);
        if (served.State != CrdState.Served) return served;
        try
        {
            await transport.SendAsync(
                new(HttpMethod.Get, type.CollectionPath(@namespace) + "?limit=1", type.Plural), static _ => true, cancellationToken);
            return new(CrdState.Served, "");
        }
        catch (KubernetesRequestException e)
        {
            return Answer(e.Error, type, kind, @namespace);
        }
    }

    private CrdAnswer Answer(KubernetesError error, ResourceType type, string kind, string? @namespace) => error.Kind switch
    {
        KubernetesErrorKind.NotFound => new(
            CrdState.Missing, $"The CRD of {kind} ({type.Group}/{type.Version}) is not installed in {transport.BaseUri}: {Remedy}"),
        KubernetesErrorKind.Forbidden => new(
            CrdState.Forbidden,
            $"The Kubernetes API at {transport.BaseUri} forbids listing {(type.Group.Length == 0 ? type.Plural : $"{type.Plural}.{type.Group}")} {Where(@namespace)}: give the operator's role that right."),
        KubernetesErrorKind.Unauthorized => new(
            CrdState.Forbidden, $"The Kubernetes API at {transport.BaseUri} does not accept the credential: check the kubeconfig or the service account."),
        _ => new(
            CrdState.Unreachable, $"The Kubernetes API at {transport.BaseUri} cannot be reached{(error.StatusCode is { } code ? $" ({code})" : "")}: check the kubeconfig and the network."),
    };

    private static string Where(string? @namespace) => @namespace is null ? "in all namespaces" : $"in namespace {@namespace}";

    private static bool Lists(ReadOnlySpan<byte> json, string plural)
    {
        var reader = new Utf8JsonReader(json);
        var found = JsonElement.ParseValue(ref reader);
        return found.ValueKind == JsonValueKind.Object && found.TryGetProperty("resources", out var resources)
            && resources.ValueKind == JsonValueKind.Array
            && resources.EnumerateArray().Any(r => r.TryGetProperty("name", out var name) && name.ValueEquals(plural));
    }
}
