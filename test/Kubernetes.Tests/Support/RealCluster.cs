using System.Text.Json;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests;

/// <summary>A namespace of its own on the shared real API server, with a transport to it.</summary>
internal sealed class RealCluster : IDisposable
{
    private RealCluster(RealApiServer server, string @namespace)
    {
        Server = server;
        Namespace = @namespace;
        Transport = new KubernetesTransport(((IApiServer)server).CreateClientConfiguration());
    }

    public RealApiServer Server { get; }

    public string Namespace { get; }

    public KubernetesTransport Transport { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<RealCluster> JoinAsync(SharedApiServer servers)
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        var server = await servers.GetAsync(Cancel);
        return new(server, await server.CreateNamespaceAsync(Cancel));
    }

    public IntegrationKey Key(string name) => new(Namespace, name);

    /// <summary>Creates or changes a NangoIntegration, and reads it back.</summary>
    public async Task<NangoIntegration> ApplyAsync(string name, string displayName = "Slack", string more = "")
    {
        var yaml = $$$"""
            apiVersion: nango.nango.dev/v1alpha1
            kind: NangoIntegration
            metadata: {name: {{{name}}}}
            spec: {unique_key: {{{name}}}, provider: slack, display_name: {{{displayName}}}{{{more}}}}
            """;
        var applied = (await Server.ApplyAsync(yaml, Namespace, Cancel))[0];
        return NangoIntegrationParser.Parse(JsonSerializer.SerializeToUtf8Bytes(applied));
    }

    public Task<IReadOnlyList<System.Text.Json.Nodes.JsonObject>> ApplyManifestAsync(string yaml) => Server.ApplyAsync(yaml, Namespace, Cancel);

    /// <summary>Deletes a NangoIntegration.</summary>
    public Task DeleteAsync(string name) => Transport.SendAsync(
        new(HttpMethod.Delete, ResourceType.NangoIntegrations.ObjectPath(Namespace, name), "nangointegrations"), static _ => true, Cancel);

    /// <summary>Reads any object as a tree.</summary>
    public Task<JsonElement> ReadAsync(string path) => Transport.SendAsync(
        new(HttpMethod.Get, path, "test"),
        static json =>
        {
            var reader = new Utf8JsonReader(json);
            return JsonElement.ParseValue(ref reader);
        },
        Cancel);

    public void Dispose() => Transport.Dispose();
}
