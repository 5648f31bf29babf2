using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServers;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Scenarios.World;

/// <summary>Three silos of one cluster before a real API server, each a process.</summary>
public sealed class ThreeSilos(OperatorWorld world, SiloProcess second, SiloProcess third, HttpClient client) : IAsyncDisposable
{
    private const string Namespace = OperatorAccount.Namespace, Lease = "nango-integration-operator-watcher";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public OperatorWorld World => world;

    public IReadOnlyList<SiloProcess> All => [world.Silo, second, third];

    public static async Task<ThreeSilos> StartAsync()
    {
        var world = await OperatorWorld.StartAsync(
            ServerKind.Real, Cancel, [.. SiloProcess.MemberEnvironment("silo-1", Namespace).Select(pair => (pair.Key, pair.Value!))]);
        return new ThreeSilos(world, await world.StartMemberAsync("silo-2", Cancel), await world.StartMemberAsync("silo-3", Cancel), world.Server.CreateHttpClient());
    }

    public Task KillAllAsync() => Task.WhenAll(world.Silo.KillAsync(), second.KillAsync(), third.KillAsync());

    public static int PortOf(SiloProcess silo) => silo.ReadPorts()["silo"];

    public IEnumerable<SiloProcess> But(SiloProcess one) => All.Where(silo => silo != one);

    public async Task<SiloProcess> ActiveAsync()
    {
        var holder = await ReadHolderAsync();
        return All.Single(silo => PortOf(silo) == holder);
    }

    public async Task ApplyAsync(int from, int to)
    {
        for (var i = from; i < to; i++) await world.ApplyAsync(Manifest.Slack($"slack-{i}", $"key-{i}"), Cancel);
    }

    /// <summary>Waits until another silo has listed everything.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> UntilWatchedAgainAsync(SiloProcess lost)
    {
        var began = TimeProvider.System.GetTimestamp();
        await world.UntilAsync(() => But(lost).Any(silo => silo.Output.Any(line => line.Contains("\"EventId\":2001,", StringComparison.Ordinal))), Cancel);
        var gap = TimeProvider.System.GetElapsedTime(began);
        TestContext.Current.SendDiagnosticMessage("Watched again after {0:0.0} s", gap.TotalSeconds);
        return gap;
    }

    public static async Task<HttpStatusCode> AskReadinessAsync(SiloProcess silo)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(silo.Http, "/readyz"), Cancel);
        return answer.StatusCode;
    }

    /// <summary>The port of the silo that the Lease names.</summary>
    public async Task<int> ReadHolderAsync()
    {
        var lease = JsonNode.Parse(await client.GetStringAsync($"apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases/{Lease}", Cancel))!;
        return int.Parse(((string)lease["spec"]!["holderIdentity"]!).Split('@')[0].Split(':')[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await second.DisposeAsync();
        await third.DisposeAsync();
        await world.DisposeAsync();
    }
}
