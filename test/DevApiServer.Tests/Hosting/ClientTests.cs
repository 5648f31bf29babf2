using System.Diagnostics;
using System.Text;
using k8s;
using k8s.Models;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Hosting;

public sealed class ClientTests
{
    [Fact]
    public async Task The_dotnet_client_works_with_the_kubeconfig()
    {
        await using var server = await StartAsync();
        var cancelled = TestContext.Current.CancellationToken;
        using var config = new MemoryStream(Encoding.UTF8.GetBytes(server.Api.KubeconfigYaml));
        using var client = new Kubernetes(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(config));

        var lease = await client.CoordinationV1.CreateNamespacedLeaseAsync(
            new V1Lease { Metadata = new V1ObjectMeta { Name = "l" }, Spec = new V1LeaseSpec { HolderIdentity = "me", RenewTime = TimeProvider.System.GetUtcNow().UtcDateTime } }, "default", cancellationToken: cancelled);
        lease.Spec.HolderIdentity = "you";
        var replaced = await client.CoordinationV1.ReplaceNamespacedLeaseAsync(lease, "l", "default", cancellationToken: cancelled);
        var stale = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => client.CoordinationV1.ReplaceNamespacedLeaseAsync(lease, "l", "default", cancellationToken: cancelled));
        await client.CoreV1.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "s" }, StringData = new Dictionary<string, string> { ["a"] = "b" } }, "default", cancellationToken: cancelled);
        var secrets = await client.CoreV1.ListNamespacedSecretAsync("default", cancellationToken: cancelled);

        Assert.Equal("you", replaced.Spec.HolderIdentity);
        Assert.Equal(System.Net.HttpStatusCode.Conflict, stale.Response.StatusCode);
        Assert.Equal("b", Encoding.UTF8.GetString(Assert.Single(secrets.Items).Data["a"]));
    }

    [Fact]
    public async Task Kubectl_applies_shows_edits_and_deletes()
    {
        var kubectl = FindKubectl();
        Assert.SkipWhen(kubectl is null, "kubectl is neither named by KUBECTL nor on PATH");
        await using var server = await StartAsync();
        var folder = Directory.CreateTempSubdirectory("dev-apiserver-");
        var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        var manifest = Path.Combine(folder.FullName, "a.json");
        server.Api.WriteKubeconfig(kubeconfig);
        await File.WriteAllTextAsync(manifest, Sample.Integration("a").ToJsonString(), TestContext.Current.CancellationToken);
        Task<string> RunAsync(string arguments) => RunKubectlAsync(kubectl!, kubeconfig, folder.FullName, arguments);

        Assert.Contains("created", await RunAsync($"apply -f {manifest}"), StringComparison.Ordinal);
        Assert.Contains("unchanged", await RunAsync($"apply -f {manifest}"), StringComparison.Ordinal);
        Assert.Contains("serverside-applied", await RunAsync($"apply --server-side --force-conflicts -f {manifest}"), StringComparison.Ordinal);
        Assert.Matches("NAME +KEY +READY +AGE", await RunAsync("get ni"));
        Assert.Contains("slack", await RunAsync("get nango"), StringComparison.Ordinal);
        Assert.Contains("The key in Nango.", await RunAsync("explain ni.spec.unique_key"), StringComparison.Ordinal);
        Assert.Contains("nangointegrations", await RunAsync("api-resources --api-group nango.nango.dev"), StringComparison.Ordinal);
        Assert.Contains("NangoIntegration", await RunAsync("describe ni a"), StringComparison.Ordinal);
        Assert.Contains("condition met", await RunAsync("wait ni/a --for=jsonpath={.spec.provider}=slack --timeout=30s"), StringComparison.Ordinal);
        Assert.Contains("created", await RunAsync("create namespace made-by-kubectl"), StringComparison.Ordinal);
        Assert.Contains("created", await RunAsync("create secret generic s --from-literal=token=value"), StringComparison.Ordinal);
        Assert.Contains("dmFsdWU=", await RunAsync("get secret s -o jsonpath={.data.token}"), StringComparison.Ordinal);
        Assert.Contains("deleted", await RunAsync("delete ni a"), StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static string? FindKubectl() =>
        Environment.GetEnvironmentVariable("KUBECTL") is { Length: > 0 } named ? named :
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists);

    private static async Task<string> RunKubectlAsync(string kubectl, string kubeconfig, string home, string arguments)
    {
        var start = new ProcessStartInfo(kubectl, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["HOME"] = home;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"kubectl {arguments}: {await error}");
        return output;
    }
}
