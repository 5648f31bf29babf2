using System.Net.Http.Json;
using System.Text.Json.Nodes;
using k8s;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>The operator's service account with exactly the rights that <c>k8s/</c> gives it: under it a test finds out whether they suffice.</summary>
public static class OperatorAccount
{
    /// <summary>The operator's own namespace.</summary>
    public const string Namespace = "nango-integration-operator-system";

    private const string Name = "nango-integration-operator-controller-manager";
    private static readonly string[] Own = ["base/namespace.yaml", "base/service-account.yaml", "base/silo-role.yaml"];
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan GrantedWithin = TimeSpan.FromMinutes(1);

    /// <summary>Makes the account, with the rights of <c>k8s/base</c> on the whole cluster.</summary>
    /// <param name="server">A server with RBAC and our definitions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Address, trust and the account's token.</returns>
    public static async Task<KubernetesClientConfiguration> CreateAsync(IApiServer server, CancellationToken cancellationToken)
    {
        await ApplyAsync(server, [.. Own, "base/manager-role.yaml"], "", cancellationToken);
        return await EnterAsync(server, null, cancellationToken);
    }

    /// <summary>Makes the account, with the rights of <c>k8s/watched-namespace</c> in some namespaces and none on the cluster.</summary>
    /// <param name="server">A server with RBAC and our definitions.</param>
    /// <param name="namespaces">The namespaces to watch.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Address, trust and the account's token.</returns>
    public static async Task<KubernetesClientConfiguration> CreateAsync(IApiServer server, IReadOnlyList<string> namespaces, CancellationToken cancellationToken)
    {
        await ApplyAsync(server, Own, "", cancellationToken);
        foreach (var one in namespaces) await ApplyAsync(server, ["watched-namespace/role.yaml"], one, cancellationToken);
        return await EnterAsync(server, namespaces[^1], cancellationToken);
    }

    private static async Task ApplyAsync(IApiServer server, IEnumerable<string> files, string @namespace, CancellationToken cancellationToken)
    {
        foreach (var file in files) await server.ApplyAsync(RepositoryFiles.Read($"k8s/{file}"), @namespace, cancellationToken);
    }

    private static async Task<KubernetesClientConfiguration> EnterAsync(IApiServer server, string? @namespace, CancellationToken cancellationToken)
    {
        var configuration = server.CreateClientConfiguration();
        configuration.AccessToken = await IssueTokenAsync(server, cancellationToken);
        await UntilGrantedAsync(configuration, @namespace, cancellationToken);
        return configuration;
    }

    private static async Task<string> IssueTokenAsync(IApiServer server, CancellationToken cancellationToken)
    {
        using var client = server.CreateHttpClient();
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject { ["expirationSeconds"] = 86_400 },
        };
        using var answer = await client.PostAsJsonAsync($"api/v1/namespaces/{Namespace}/serviceaccounts/{Name}/token", request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException($"No token: {text}", inner: null, answer.StatusCode);
        return (string)JsonNode.Parse(text)!["status"]!["token"]!;
    }

    // The server takes up roles and bindings a moment after it stored them.
    private static async Task UntilGrantedAsync(KubernetesClientConfiguration configuration, string? @namespace, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        using var deadline = new CancellationTokenSource(GrantedWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var client = configuration.CreateHttpClient();
        string[] paths =
        [
            $"apis/nango.nango.dev/v1alpha1/{(@namespace is null ? "" : $"namespaces/{@namespace}/")}nangointegrations?limit=1",
            $"apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases?limit=1",
        ];
        foreach (var path in paths)
        {
            while (true)
            {
                using var answer = await client.GetAsync(path, either.Token);
                if (answer.IsSuccessStatusCode) break;
                await Task.Delay(ProbeEvery, clock, either.Token);
            }
        }
    }
}
