using NangoOrleans.Failures;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Takes our finalizer off resources without touching Nango: for one who removes the operator.</summary>
/// <param name="transport">Connection to the API server.</param>
public sealed class FinalizerRelease(KubernetesTransport transport)
{
    private const int PageSize = 500, Tries = 5;

    private readonly IntegrationStore _store = new(transport);

    /// <summary>Lists the resources that carry our finalizer.</summary>
    /// <param name="namespace">One namespace; null for all.</param>
    /// <param name="cancellationToken">Stops listing.</param>
    /// <exception cref="KubernetesRequestException">The API server cannot answer, or refuses.</exception>
    public async Task<IReadOnlyList<NangoIntegration>> FindAsync(string? @namespace, CancellationToken cancellationToken)
    {
        var type = ResourceType.NangoIntegrations;
        List<NangoIntegration> found = [];
        var next = "";
        do
        {
            var path = $"{type.CollectionPath(@namespace)}?limit={PageSize}{(next.Length == 0 ? "" : "&continue=" + Uri.EscapeDataString(next))}";
            next = await transport.SendAsync(new(HttpMethod.Get, path, type.Plural), Read, cancellationToken);
        }
        while (next.Length > 0);
        return found;

        string Read(ReadOnlySpan<byte> json)
        {
            var page = ListPage.Read(json);
            foreach (var range in page.Items)
            {
                var one = NangoIntegrationParser.ParseRedacted(json[range]);
                if (one.HasFinalizer) found.Add(one);
            }

            return page.Continue;
        }
    }

    /// <summary>Takes our finalizer off one resource, whatever else happens to it meanwhile.</summary>
    /// <param name="resource">The resource as found.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="FailureException">The API server cannot answer, or refuses.</exception>
    public async Task ReleaseAsync(NangoIntegration resource, CancellationToken cancellationToken)
    {
        NangoIntegration? seen = resource;
        for (var i = 1; seen is { HasFinalizer: true }; i++)
        {
            try
            {
                await _store.RemoveFinalizerAsync(seen, cancellationToken);
                return;
            }
            catch (FailureException e) when (e.Failure.Kind == FailureKind.Conflict && i < Tries)
            {
                seen = await _store.GetAsync(new IntegrationKey(resource.Metadata.Namespace, resource.Metadata.Name), cancellationToken);
            }
        }
    }
}
