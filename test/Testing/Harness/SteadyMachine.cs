namespace NangoOrleans.Testing;

/// <summary>
/// For tests of what the operator promises within seconds. That can be asked only while the machine runs the test at all: one that
/// failed after the thread pool of its process had stood still is begun anew, any other has failed.
/// </summary>
public static class SteadyMachine
{
    /// <summary>How often a test is begun at most.</summary>
    public const int Attempts = 3;

    /// <summary>Runs a test.</summary>
    /// <param name="stall">How long it must have stood still to be the cause.</param>
    /// <param name="test">The whole test, with all that it starts.</param>
    /// <param name="cancellationToken">The test run is given up.</param>
    public static async Task RunAsync(TimeSpan stall, Func<Task> test, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(test);
        for (var attempt = 1; ; attempt++)
        {
            await using var heartbeat = new Heartbeat();
            try
            {
                await test();
                return;
            }
            catch (Exception e) when (attempt < Attempts && !cancellationToken.IsCancellationRequested && heartbeat.LongestGap >= stall)
            {
                await Console.Error.WriteLineAsync($"Begun anew, for the machine stood still for {heartbeat.LongestGap.TotalSeconds:0.0} s: {e.Message}");
            }
        }
    }

    private sealed class Heartbeat : IAsyncDisposable
    {
        private readonly PeriodicTimer _timer = new(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        private readonly Task _beating;
        private long _last = TimeProvider.System.GetTimestamp(), _longest;

        public Heartbeat() => _beating = Task.Run(BeatAsync);

        // The gap that is not over yet counts, too.
        public TimeSpan LongestGap => TimeSpan.FromTicks(Math.Max(Interlocked.Read(ref _longest), SinceLast().Ticks));

        public async ValueTask DisposeAsync()
        {
            _timer.Dispose();
            await _beating;
        }

        private async Task BeatAsync()
        {
            while (await _timer.WaitForNextTickAsync())
            {
                Interlocked.Exchange(ref _longest, Math.Max(Interlocked.Read(ref _longest), SinceLast().Ticks));
                Interlocked.Exchange(ref _last, TimeProvider.System.GetTimestamp());
            }
        }

        private TimeSpan SinceLast() => TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _last));
    }
}
