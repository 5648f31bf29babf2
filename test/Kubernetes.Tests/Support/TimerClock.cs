using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.Kubernetes.Tests;

/// <summary>A fake clock that tells which timers were started on it, so that a test moves it only once somebody waits.</summary>
internal sealed class TimerClock : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _timers = new();

    /// <summary>How long each timer was to run, in the order of their starts.</summary>
    public IReadOnlyList<TimeSpan> Timers => [.. _timers];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Enqueue(dueTime);
        return timer;
    }

    /// <summary>Ends one wait after the other until something has happened; while nobody waits, the clock stands still.</summary>
    /// <param name="longest">Longer timers are no waits but limits.</param>
    /// <param name="happened">What is waited for.</param>
    /// <returns>The waits.</returns>
    public async Task<IReadOnlyList<TimeSpan>> EndWaitsUntilAsync(TimeSpan longest, Func<bool> happened)
    {
        List<TimeSpan> ended = [];
        while (true)
        {
            await Until.TrueAsync(() => Waits().Count > ended.Count || happened());
            if (happened()) return ended;
            ended.Add(Waits()[ended.Count]);

            // A delay is cut to whole milliseconds, what it waits for is not.
            Advance(ended[^1] + TimeSpan.FromMilliseconds(1));
        }

        List<TimeSpan> Waits() => [.. _timers.Where(timer => timer > TimeSpan.Zero && timer <= longest)];
    }
}
