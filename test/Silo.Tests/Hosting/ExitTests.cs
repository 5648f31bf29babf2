using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NangoOrleans.Testing;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Hosting;

public sealed class ExitTests
{
    private static readonly Dictionary<string, string?> NoSettings = [];

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task Signal_ends_a_running_silo_with_exit_code_0(PosixSignal signal)
    {
        await using var cluster = await Cluster.StartAsync();
        await using var silo = await SiloProcess.StartAsync(cluster.Environment, TestContext.Current.CancellationToken);

        silo.Send(signal);

        Assert.Equal(0, await silo.WaitForExitAsync());
        Assert.Empty(silo.Error);
    }

    [Theory]
    [InlineData("NangoOrleans__Http__Port", "70000", "NangoOrleans:Http:Port (environment NangoOrleans__Http__Port) must be between 0 and 65535, was 70000.")]
    [InlineData("NANGO_BASE_URL", "api.nango.dev", "NANGO_BASE_URL must begin with https://.")]
    public async Task Mistaken_setting_ends_the_start_with_one_sentence(string name, string value, string sentence)
    {
        await using var silo = SiloProcess.Run(new Dictionary<string, string?> { [name] = value });

        Assert.Equal(1, await silo.WaitForExitAsync());
        Assert.Equal([sentence], silo.Error);
        Assert.Empty(silo.Output);
    }

    [Fact]
    public async Task Missing_kubeconfig_ends_the_start_with_one_sentence()
    {
        await using var silo = SiloProcess.Run(new Dictionary<string, string?> { ["KUBECONFIG"] = "/nowhere/kubeconfig" });

        Assert.Equal(1, await silo.WaitForExitAsync());
        Assert.Equal(["The kubeconfig file /nowhere/kubeconfig (from KUBECONFIG) does not exist: correct the path."], silo.Error);
    }

    [Fact]
    public async Task Cluster_that_cannot_be_reached_ends_the_start_with_one_sentence()
    {
        await using var cluster = await Cluster.StartAsync(withDefinitions: false);
        await cluster.StopListeningAsync();

        // Bound and not listening: nobody else gets the port meanwhile.
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, cluster.BaseUrl.Port));

        await using var silo = SiloProcess.Run(cluster.Environment);

        Assert.Equal(1, await silo.WaitForExitAsync());
        Assert.Equal([$"The Kubernetes API at {cluster.BaseUrl} cannot be reached: check the kubeconfig and the network."], silo.Error);
    }

    [Fact]
    public async Task Missing_definition_ends_the_start_with_one_sentence()
    {
        await using var cluster = await Cluster.StartAsync(withDefinitions: false);

        await using var silo = SiloProcess.Run(cluster.Environment);

        Assert.Equal(1, await silo.WaitForExitAsync());
        Assert.Contains("is not installed", Assert.Single(silo.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silos_without_a_definition_to_meet_in_end_with_one_sentence()
    {
        await using var cluster = await Cluster.StartAsync(withDefinitions: false);
        var environment = new Dictionary<string, string?>(cluster.Environment.Concat(SiloProcess.MemberEnvironment("silo-1", "default")));

        await using var silo = SiloProcess.Run(environment);

        Assert.Equal(1, await silo.WaitForExitAsync());
        Assert.Equal(
            [$"The CRD of OrleansCluster (orleans.nango.dev/v1alpha1) is not installed in {cluster.BaseUrl}: apply it with: NangoOrleans.Silo crd | kubectl apply -f -"],
            silo.Error);
    }

    [Fact]
    public async Task Taken_port_ends_the_start_with_one_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        await using var silo = SiloProcess.Run(new Dictionary<string, string?> { ["NangoOrleans__Orleans__SiloPort"] = port });

        Assert.Equal(1, await silo.WaitForExitAsync());
        Assert.Equal(
            [$"NangoOrleans:Orleans:SiloPort (environment NangoOrleans__Orleans__SiloPort): port {port} on 127.0.0.1 is taken by another process; set another port, or 0 for a free one."],
            silo.Error);
    }

    [Fact]
    public async Task Unknown_word_on_the_command_line_is_an_error()
    {
        await using var silo = SiloProcess.Run(NoSettings, "--prots-file", "x");

        Assert.NotEqual(0, await silo.WaitForExitAsync());
        Assert.Contains(silo.Error, line => line.Contains("--prots-file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Printed_definitions_are_those_in_the_repository()
    {
        await using var silo = SiloProcess.Run(NoSettings, "crd");

        Assert.Equal(0, await silo.WaitForExitAsync());
        var printed = string.Join('\n', silo.Output) + "\n";
        foreach (var file in Directory.GetFiles(RepositoryFiles.In("k8s/crd"), "*nango.dev_*.yaml"))
        {
            // Each file begins with the comment that the whole output has once.
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.Contains(text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..], printed);
        }
    }

    [Fact]
    public async Task Compatible_definitions_hold_no_newer_keyword()
    {
        await using var silo = SiloProcess.Run(NoSettings, "crd", "--compat");

        Assert.Equal(0, await silo.WaitForExitAsync());
        Assert.Contains("kind: CustomResourceDefinition", silo.Output);
        Assert.DoesNotContain(silo.Output, line => line.Contains("x-kubernetes-validations", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help", "--ports-file <FILE>")]
    [InlineData("--version", "0.1.0")]
    public async Task Question_is_answered_without_starting(string question, string expected)
    {
        await using var silo = SiloProcess.Run(NoSettings, question);

        Assert.Equal(0, await silo.WaitForExitAsync());
        Assert.Contains(silo.Output, line => line.Contains(expected, StringComparison.Ordinal));
    }
}
