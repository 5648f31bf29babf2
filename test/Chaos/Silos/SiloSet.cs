using System.Collections.Concurrent;

namespace NangoOrleans.Chaos;

/// <summary>All silos of a run.</summary>
internal sealed class SiloSet(SiloBuilds builds, SiloLogs logs) : IAsyncDisposable
{
    private static readonly TimeSpan TendEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, SiloSlot> _slots = new();

    /// <summary>The silo of a number; it does not run before it is started.</summary>
    public SiloSlot this[int number] => _slots.GetOrAdd(number, n => new SiloSlot(n, builds, logs));

    /// <summary>Starts the silos 0 to <paramref name="count"/> - 1.</summary>
    public Task StartAsync(int count, CancellationToken ct) => Task.WhenAll(Enumerable.Range(0, count).Select(n => this[n].StartAsync(ct)));

    /// <summary>Starts again what has ended by itself, until cancelled. A silo that takes long to start keeps no other waiting.</summary>
    public async Task TendAsync(CancellationToken ct)
    {
        var tended = new Dictionary<SiloSlot, Task>();
        try
        {
            while (true)
            {
                await Task.Delay(TendEvery, TimeProvider.System, ct);
                foreach (var slot in _slots.Values)
                {
                    if (tended.TryGetValue(slot, out var before) && !before.IsCompleted) continue;
                    if (before is not null) await before;
                    tended[slot] = slot.TendAsync(ct);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await Task.WhenAll(tended.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var slot in _slots.Values) await slot.DisposeAsync();
    }
}
