using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using k8s;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.ApiServers;

public sealed class RealApiServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Objects_survive_a_kill_of_the_api_server()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        await using var server = await RealApiServer.StartAsync(Cancel);
        var name = await server.CreateNamespaceAsync(Cancel);

        await server.RestartAsync(Cancel);

        using var client = new k8s.Kubernetes(server.CreateClientConfiguration());
        Assert.Equal(name, (await client.CoreV1.ReadNamespaceAsync(name, cancellationToken: Cancel)).Metadata.Name);
    }

    [Fact]
    public async Task A_paused_api_server_answers_only_after_it_was_resumed()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        await using var server = await RealApiServer.StartAsync(Cancel);
        using var client = server.CreateHttpClient();

        await server.PauseAsync();
        var answer = client.GetAsync("api/v1/namespaces", Cancel);
        var first = await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancel));
        Assert.NotSame(answer, first);

        await server.ResumeAsync(Cancel);
        Assert.True((await answer).IsSuccessStatusCode);
    }

    [Fact]
    public async Task The_user_without_rights_is_refused()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        await using var server = await RealApiServer.StartAsync(Cancel);
        using var client = KubernetesClientConfiguration.BuildConfigFromConfigFile(server.NobodyKubeconfigPath).CreateHttpClient();

        using var answer = await client.GetAsync("api/v1/namespaces", Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Nothing_is_left_behind()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        var server = await RealApiServer.StartAsync(Cancel);
        var (folder, url) = (server.Folder, server.BaseUrl);
        using var client = server.CreateHttpClient();

        await server.DisposeAsync();

        Assert.False(Directory.Exists(folder));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(url, "readyz"), Cancel));
    }

    [Fact]
    public async Task A_program_does_not_outlive_the_process_that_started_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The watchdog is a POSIX shell.");
        using var folder = new TemporaryFolder();
        await using var child = ChildProcess.Start("/bin/sh", ["-c", "echo started; while :; do sleep 1; done"], folder.In("log"));

        using var program = Process.GetProcessById(child.Id);

        child.EndWatch();

        await program.WaitForExitAsync(Cancel);
        Assert.True(child.HasEnded);
    }

    [Fact]
    public async Task Applying_twice_changes_the_same_object()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        await using var server = await RealApiServer.StartAsync(Cancel);
        const string Manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {word: one}\n";

        var first = await server.ApplyAsync(Manifest, "default", Cancel);
        var second = await server.ApplyAsync(Manifest.Replace("one", "two", StringComparison.Ordinal), "default", Cancel);

        using var client = server.CreateHttpClient();
        var stored = await client.GetFromJsonAsync<JsonObject>("api/v1/namespaces/default/configmaps/settings", Cancel);
        Assert.Equal((string?)first[0]["metadata"]!["uid"], (string?)second[0]["metadata"]!["uid"]);
        Assert.Equal("two", (string?)stored!["data"]!["word"]);
    }
}
