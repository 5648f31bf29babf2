using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>
/// Brings pokes to grains: one call in flight for each key (their order is not guaranteed otherwise), the newest snapshot
/// wins, changes before checks, failed calls again after a moment.
/// </summary>
/// <param name="grains">Reaches the grains.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failed calls are told.</param>
/// <param name="term">Number of the watcher's term, for logs.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Nobody asks for a wait handle, so there is nothing to free; disposal would meet late callers.")]
internal sealed partial class CoalescingDispatcher(IGrainFactory grains, TimeProvider time, ILogger<CoalescingDispatcher> logger, long term = 0)
{
    // More only raises the latency of each call (notes: 64 already keep both cores busy).
    private const int Workers = 64;

    // Bounds the snapshots held between the socket and the grains; beyond it the feed reads more slowly.
    private const int MaxWaiting = 4096;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200), LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<IntegrationKey, Slot> _slots = [];
    private readonly Channel<IntegrationKey>[] _lanes = [Channel.CreateUnbounded<IntegrationKey>(), Channel.CreateUnbounded<IntegrationKey>()];
    private readonly SemaphoreSlim _ready = new(0), _room = new(MaxWaiting);
    private TaskCompletionSource? _empty;

    /// <summary>Keys waiting or in flight, for metrics.</summary>
    public int Depth
    {
        get
        {
            lock (_lock) return _slots.Count;
        }
    }

    /// <summary>Accepts a poke; returns once there is room for it.</summary>
    /// <param name="key">The resource.</param>
    /// <param name="poke">What was seen.</param>
    /// <param name="lane">Whether somebody waits for it.</param>
    /// <param name="cancellationToken">Gives up waiting for room.</param>
    public async ValueTask OfferAsync(IntegrationKey key, IntegrationPoke poke, ReconcileLane lane, CancellationToken cancellationToken)
    {
        if (TryMerge(key, poke, lane)) return;
        await _room.WaitAsync(cancellationToken);
        lock (_lock)
        {
            if (!_slots.TryGetValue(key, out var slot))
            {
                _slots[key] = new Slot(lane) { Waiting = poke };
                Enqueue(key, lane);
                return;
            }

            Merge(key, slot, poke, lane);
        }

        _room.Release();
    }

    /// <summary>Delivers until told to stop.</summary>
    /// <param name="stoppingToken">What is left then is dropped: whoever watches next pokes again.</param>
    public Task RunAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None)));

    /// <summary>Ends once nothing waits and nothing is in flight, or when given up; nothing may be offered meanwhile.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Task empty;
        lock (_lock)
        {
            if (_slots.Count == 0) return;
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            empty = _empty.Task;
        }

        try
        {
            await empty.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Given up.
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _ready.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (!_lanes[0].Reader.TryRead(out var key) && !_lanes[1].Reader.TryRead(out key)) continue;
            await DeliverAsync(key, stoppingToken);
        }
    }

    private async Task DeliverAsync(IntegrationKey key, CancellationToken stoppingToken)
    {
        Slot slot;
        IntegrationPoke poke;
        lock (_lock)
        {
            // A key that moved to the other lane is queued in both; whichever comes second finds nothing to do.
            if (!_slots.TryGetValue(key, out var found) || found.IsInFlight || found.Waiting is not { } waiting) return;
            (slot, poke) = (found, waiting);
            (slot.Waiting, slot.IsInFlight) = (null, true);
        }

        try
        {
            await grains.GetGrain<INangoIntegrationGrain>(key.ToString()).Observe(term == 0 ? poke : poke with { Term = term });
            slot.Failures = 0;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogPokeFailed(logger, e, key);
            lock (_lock) slot.Waiting = slot.Waiting is null ? poke : Merge(poke, slot.Waiting);
            _ = RetryAsync(key, slot, stoppingToken);
            return;
        }
        catch (Exception)
        {
            return;
        }

        lock (_lock)
        {
            if (slot.Waiting is not null)
            {
                slot.IsInFlight = false;
                Enqueue(key, slot.Lane);
                return;
            }

            _slots.Remove(key);
            if (_slots.Count == 0) _empty?.TrySetResult();
        }

        _room.Release();
    }

    private async Task RetryAsync(IntegrationKey key, Slot slot, CancellationToken stoppingToken)
    {
        var delay = Math.Min(FirstRetry.TotalMilliseconds * Math.Pow(2, slot.Failures++), LongestRetry.TotalMilliseconds);
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay * (0.5 + Random.Shared.NextDouble())), time, stoppingToken);
            lock (_lock)
            {
                slot.IsInFlight = false;
                Enqueue(key, slot.Lane);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops; whoever watches next pokes again.
        }
    }

    private bool TryMerge(IntegrationKey key, IntegrationPoke poke, ReconcileLane lane)
    {
        lock (_lock)
        {
            if (!_slots.TryGetValue(key, out var slot)) return false;
            Merge(key, slot, poke, lane);
            return true;
        }
    }

    private void Merge(IntegrationKey key, Slot slot, IntegrationPoke poke, ReconcileLane lane)
    {
        slot.Waiting = Merge(slot.Waiting, poke);
        if (lane >= slot.Lane) return;
        // A person's change does not wait where a check of the same resource was queued.
        slot.Lane = lane;
        if (!slot.IsInFlight) Enqueue(key, lane);
    }

    private void Enqueue(IntegrationKey key, ReconcileLane lane)
    {
        _lanes[(int)lane].Writer.TryWrite(key);
        _ready.Release();
    }

    private static IntegrationPoke Merge(IntegrationPoke? older, IntegrationPoke newer)
    {
        if (older is null) return newer;
        var knows = newer.Resource is not null || newer.Gone;
        return newer with
        {
            Resource = knows ? newer.Resource : older.Resource,
            Gone = knows ? newer.Gone : older.Gone,
            FromList = newer.FromList || (!knows && older.FromList),
            Leftovers = Leftovers.Join(older.Leftovers, newer.Leftovers),
            Recheck = newer.Recheck || older.Recheck,
            StatusChanged = newer.StatusChanged || older.StatusChanged,
        };
    }

    [LoggerMessage(EventId = 2000, EventName = "PokeFailed", Level = LogLevel.Warning, Message = "{Key}: its grain could not be reached; trying again")]
    private static partial void LogPokeFailed(ILogger logger, Exception exception, IntegrationKey key);

    private sealed class Slot(ReconcileLane lane)
    {
        public ReconcileLane Lane { get; set; } = lane;

        public IntegrationPoke? Waiting { get; set; }

        /// <summary>A call is under way, or waits to be repeated.</summary>
        public bool IsInFlight { get; set; }

        public int Failures { get; set; }
    }
}
