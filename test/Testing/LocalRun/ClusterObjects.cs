using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Kubernetes;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.LocalRun;

/// <summary>Writes and lists the few kinds of objects a local run is about, so that no kubectl is needed.</summary>
internal sealed class ClusterObjects(KubernetesTransport transport)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Integrations = "/apis/nango.nango.dev/v1alpha1";
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100), ServedWithin = TimeSpan.FromMinutes(1);

    /// <summary>Installs the definitions and waits until they are served.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task InstallDefinitionsAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in CustomResourceDefinitions.All) await ApplyAsync(definition, cancellationToken);

        var probe = new CrdProbe(transport);
        var started = TimeProvider.System.GetTimestamp();
        while (await probe.CheckAsync(null, cancellationToken) is { State: not CrdState.Served } answer)
        {
            if (TimeProvider.System.GetElapsedTime(started) > ServedWithin) throw new LocalRunException(answer.Sentence);
            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Creates or updates the objects of a manifest.</summary>
    /// <param name="yaml">One or more documents.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task ApplyAsync(string yaml, CancellationToken cancellationToken)
    {
        foreach (var manifest in YamlDocuments.Parse(yaml))
        {
            var path = PathOf(manifest);
            var request = new KubernetesRequest(HttpMethod.Patch, $"{path}?fieldManager=nango-local-run&force=true", (string)manifest["kind"]!)
            {
                Body = Encoding.UTF8.GetBytes(manifest.ToJsonString()),
                ContentType = MediaTypes.ApplyPatch,
            };
            await transport.SendAsync(request, static _ => true, cancellationToken);
        }
    }

    /// <summary>Lists every integration.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<List<IntegrationRow>> ListAsync(CancellationToken cancellationToken) =>
        transport.SendAsync(new(HttpMethod.Get, $"{Integrations}/nangointegrations", "nangointegrations"), static json => IntegrationRow.ReadList(json), cancellationToken);

    private static string PathOf(JsonObject manifest)
    {
        var (name, space) = ((string)manifest["metadata"]!["name"]!, (string?)manifest["metadata"]!["namespace"] ?? "default");
        return (string)manifest["kind"]! switch
        {
            "CustomResourceDefinition" => $"{Definitions}/{name}",
            "NangoIntegration" => $"{Integrations}/namespaces/{space}/nangointegrations/{name}",
            "Secret" => $"/api/v1/namespaces/{space}/secrets/{name}",
            var kind => throw new NotSupportedException($"Local runs apply no {kind}."),
        };
    }
}
