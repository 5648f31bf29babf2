using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Chaos;

/// <summary>Does to silos and API server what the plan says; disruptions of different silos may overlap.</summary>
internal sealed class Disruptor(SiloSet silos, RealApiServer server, ChaosPlan plan, Action<string> say) : IDisposable
{
    private readonly SemaphoreSlim _server = new(1);

    /// <summary>Runs the whole plan and returns when everything is undone again.</summary>
    public async Task RunAsync(long started, CancellationToken ct)
    {
        var running = new List<Task>();
        foreach (var disruption in plan.Disruptions)
        {
            await Pause.UntilAsync(disruption.At, started, ct);
            say(disruption.ToString());
            running.Add(DisturbAsync(disruption, ct));
        }

        await Task.WhenAll(running);
    }

    public void Dispose() => _server.Dispose();

    private Task DisturbAsync(Disruption disruption, CancellationToken ct) => disruption.Kind switch
    {
        DisruptionKind.Kill => silos[disruption.Silo].KillAsync(disruption.Lasts, ct),
        DisruptionKind.Terminate => silos[disruption.Silo].TerminateAsync(disruption.Lasts, ct),
        DisruptionKind.Freeze => silos[disruption.Silo].FreezeAsync(disruption.Lasts, ct),
        DisruptionKind.Add => AddAsync(silos[disruption.Silo], disruption.Lasts, ct),
        _ => RestartServerAsync(disruption.Lasts, ct),
    };

    private static async Task AddAsync(SiloSlot silo, TimeSpan stays, CancellationToken ct)
    {
        await silo.StartAsync(ct);
        await Task.Delay(stays, TimeProvider.System, ct);
        await silo.TerminateAsync(null, ct);
    }

    private async Task RestartServerAsync(TimeSpan away, CancellationToken ct)
    {
        await _server.WaitAsync(ct);
        try
        {
            await server.StopAsync();
            await Task.Delay(away, TimeProvider.System, ct);
            await server.StartAgainAsync(ct);
            say("API server is back");
        }
        finally
        {
            _server.Release();
        }
    }
}
