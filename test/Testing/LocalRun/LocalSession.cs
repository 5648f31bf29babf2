using System.Reflection;
using NangoOrleans.FakeNango;
using NangoOrleans.Kubernetes;

namespace NangoOrleans.LocalRun;

/// <summary>One local run, told to the person who started it.</summary>
internal sealed class LocalSession(string siloPath, TextWriter output)
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(500), CreatedWithin = TimeSpan.FromMinutes(2);

    /// <summary>Everything on this machine.</summary>
    /// <param name="exitWhenCreated">End once every sample is Created.</param>
    /// <param name="stop">Ends the run.</param>
    public async Task RunOnDoublesAsync(bool exitWhenCreated, CancellationToken stop)
    {
        await using var cluster = await LocalCluster.StartAsync(stop);
        await output.WriteLineAsync($"Cluster: {cluster.Description}");
        var token = Guid.NewGuid().ToString();
        await using var nango = await FakeNangoServer.StartAsync(new() { Token = token }, stop);
        await output.WriteLineAsync($"Nango: a fake at {nango.BaseUrl} (GET /_journal shows its calls)");

        using var transport = new KubernetesTransport(KubernetesConnection.Load(cluster.Kubeconfig));
        var objects = new ClusterObjects(transport);
        await objects.InstallDefinitionsAsync(stop);
        Dictionary<string, string> settings = new() { ["KUBECONFIG"] = cluster.Kubeconfig, ["NANGO_TOKEN"] = token, ["NANGO_BASE_URL"] = nango.BaseUrl };
        await using var silo = await SiloProgram.StartAsync(siloPath, settings, stop);
        await DescribeAsync(silo, cluster.Kubeconfig);
        await ApplySamplesAsync(objects, token, stop);
        await FollowAsync(objects, silo, exitWhenCreated, stop);
    }

    /// <summary>The operator on this machine, for the person's own cluster and Nango.</summary>
    /// <param name="samples">Apply the samples.</param>
    /// <param name="stop">Ends the run.</param>
    public async Task RunOnCurrentClusterAsync(bool samples, CancellationToken stop)
    {
        using var transport = Connect();
        await output.WriteLineAsync($"Cluster: {transport.BaseUri}");
        var objects = new ClusterObjects(transport);
        await CallAsync(() => objects.InstallDefinitionsAsync(stop));
        await output.WriteLineAsync("Installed the custom resource definitions.");
        await using var silo = await SiloProgram.StartAsync(siloPath, new Dictionary<string, string>(), stop);
        await DescribeAsync(silo, kubeconfig: null);
        if (samples) await CallAsync(() => ApplySamplesAsync(objects, "$(NANGO_TOKEN)", stop));
        await FollowAsync(objects, silo, exitWhenCreated: false, stop);
    }

    private static KubernetesTransport Connect()
    {
        try
        {
            return new(KubernetesConnection.Load());
        }
        catch (KubernetesConnectionException e)
        {
            throw new LocalRunException(e.Message);
        }
    }

    private static async Task CallAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (KubernetesRequestException e)
        {
            throw new LocalRunException($"The cluster did not accept a request: {e.Message}");
        }
    }

    private static async Task ApplySamplesAsync(ClusterObjects objects, string token, CancellationToken stop)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var yaml = await reader.ReadToEndAsync(stop);
            await objects.ApplyAsync(yaml.Replace("\"TOKEN\"", $"\"{token}\"", StringComparison.Ordinal), stop);
        }
    }

    private async Task DescribeAsync(SiloProgram silo, string? kubeconfig)
    {
        var export = kubeconfig is null ? "" : $"\n  export KUBECONFIG={kubeconfig}";
        await output.WriteLineAsync($$$"""
            Operator: up, its log is {{{silo.LogPath}}}
            Dashboard: http://127.0.0.1:{{{silo.Ports["dashboard"]}}}/dashboard/
            Metrics: http://127.0.0.1:{{{silo.Ports["http"]}}}/metrics

            Try in another terminal:{{{export}}}
              kubectl get ni --all-namespaces
              kubectl describe ni slack
              kubectl patch ni slack --type merge --patch '{"spec":{"display_name":"Slack (new)"}}'
              kubectl delete ni slack
            Ctrl-C ends everything.

            {{{IntegrationRow.Heading}}}
            """);
    }

    private async Task FollowAsync(ClusterObjects objects, SiloProgram silo, bool exitWhenCreated, CancellationToken stop)
    {
        Dictionary<string, IntegrationRow> shown = [];
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            silo.ThrowIfEnded();
            await ShowChangesAsync(await ListAsync(objects, stop) ?? [.. shown.Values], shown);
            if (exitWhenCreated && shown.Count > 0 && shown.Values.All(row => row.Status == "Created")) return;
            if (exitWhenCreated && TimeProvider.System.GetElapsedTime(started) > CreatedWithin)
                throw new LocalRunException($"The samples were not Created within {CreatedWithin}.");
            await Task.Delay(PollEvery, TimeProvider.System, stop);
        }
    }

    private async Task ShowChangesAsync(List<IntegrationRow> rows, Dictionary<string, IntegrationRow> shown)
    {
        foreach (var row in rows.Where(row => shown.GetValueOrDefault(row.Name) != row))
        {
            await output.WriteLineAsync(row.ToString());
            shown[row.Name] = row;
        }

        foreach (var gone in shown.Keys.Except(rows.Select(row => row.Name)).ToList())
        {
            await output.WriteLineAsync((shown[gone] with { Status = "(gone)", Message = "" }).ToString());
            shown.Remove(gone);
        }
    }

    // The cluster may be away for a moment; the table then simply stands still.
    private static async Task<List<IntegrationRow>?> ListAsync(ClusterObjects objects, CancellationToken stop)
    {
        try
        {
            return await objects.ListAsync(stop);
        }
        catch (KubernetesRequestException)
        {
            return null;
        }
    }
}
