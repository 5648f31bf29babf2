using NangoOrleans.Failures;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Stores;

public sealed class SecretReaderTests(SharedApiServer servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_are_decoded_and_lose_their_trailing_line_breaks_only()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var applied = await cluster.ApplyManifestAsync("""
            apiVersion: v1
            kind: Secret
            metadata: {name: s}
            data: {token: aHVzaAoNCg==, text: w6QgIA==, empty: "", binary: //79}
            """);

        var secret = await new SecretReader(cluster.Transport).ReadAsync(cluster.Namespace, "s", Cancel);

        Assert.Equal(new Dictionary<string, string> { ["token"] = "hush", ["text"] = "ä  ", ["empty"] = "" }, secret!.Values);
        Assert.Equal((string?)applied[0]["metadata"]!["uid"], secret.Uid);
        Assert.Equal((string?)applied[0]["metadata"]!["resourceVersion"], secret.ResourceVersion);
    }

    [Fact]
    public async Task Missing_secret_is_null()
    {
        using var cluster = await RealCluster.JoinAsync(servers);

        Assert.Null(await new SecretReader(cluster.Transport).ReadAsync(cluster.Namespace, "none", Cancel));
    }

    [Fact]
    public async Task Forbidden_secret_is_terminal_and_names_the_right_to_give()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        using var transport = new KubernetesTransport(KubernetesConnection.Load(cluster.Server.NobodyKubeconfigPath));

        var refused = await Assert.ThrowsAsync<FailureException>(() => new SecretReader(transport).ReadAsync(cluster.Namespace, "s", Cancel));

        Assert.Equal((FailureKind.Terminal, Reasons.SecretForbidden), (refused.Failure.Kind, refused.Failure.Reason));
        Assert.Contains("give its role the verb get on secrets", refused.Message, StringComparison.Ordinal);
    }
}
