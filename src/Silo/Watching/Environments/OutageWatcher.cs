using NangoOrleans.Environments;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>
/// Asks the grains of environments whose resources are not settled how they are: an open circuit is told on the environment object, and when
/// it closes, those who waited are woken at once instead of by their own timers. With nothing unsettled it asks nobody.
/// </summary>
internal sealed partial class OutageWatcher(
    IntegrationIndex index, EnvironmentView view, EnvironmentHealth health, CoalescingDispatcher dispatcher, IEnvironmentGrains grains, TimeProvider time, ILogger<OutageWatcher> logger)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _away = new(StringComparer.Ordinal);

    /// <summary>Looks from time to time until told to stop.</summary>
    /// <param name="stoppingToken">The end of the term.</param>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (index.IsComplete) await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
    }

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Stops looking.</param>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var (keys, objects) = index.UnsettledEnvironments();
        var asked = keys.Union(_away).ToDictionary(key => key, _ => (EnvironmentId?)null, StringComparer.Ordinal);
        foreach (var environment in view.All)
        {
            // What is away stays on the list until it is back, although all who use it may have been settled meanwhile.
            if (objects.Contains(environment.Id) || _away.Contains(environment.Metadata.Uid)) asked[environment.Metadata.Uid] = environment.Id;
        }

        foreach (var (key, id) in asked)
        {
            if (await grains.GetStateAsync(key) is not { } state) continue;
            if (state.Problem is not null)
            {
                if (_away.Add(key) && id is { } broken) health.Look(broken);
            }
            else if (_away.Remove(key))
            {
                await WakeAsync(key, id, cancellationToken);
            }
        }
    }

    private async Task WakeAsync(string key, EnvironmentId? id, CancellationToken cancellationToken)
    {
        if (id is { } recovered)
        {
            // Its integrations wait until its status says so, and are told by that.
            health.Look(recovered);
            return;
        }

        var waiting = index.UnsettledOf(key, null);
        LogRecovered(logger, key, waiting.Count);
        foreach (var integration in waiting) await dispatcher.OfferAsync(integration, new IntegrationPoke { Recheck = true }, ReconcileLane.Change, cancellationToken);
    }

    [LoggerMessage(EventId = 2030, EventName = "EnvironmentRecovered", Level = LogLevel.Information, Message = "Environment {Environment} answers again: {Count} resources that waited for it are woken")]
    private static partial void LogRecovered(ILogger logger, string environment, int count);
}
