namespace NangoOrleans.Hosting;

/// <summary>
/// Asks every <see cref="IStartupCheck"/>, and again for a while when one finds something: an API server that is away or has only
/// just started is no reason not to start, and refuses for some seconds what it serves afterwards.
/// </summary>
/// <param name="checks">What must hold, in this order.</param>
/// <param name="isServerReady">Asks the API server whether it is ready.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class StartupChecks(
    IEnumerable<IStartupCheck> checks, Func<CancellationToken, Task<bool>> isServerReady, TimeProvider time, ILogger<StartupChecks> logger)
{
    /// <summary>How long an API server that is not ready is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long a problem must last on an API server that says it is ready: it may say so moments before it serves all CRDs.</summary>
    public static readonly TimeSpan Certainty = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250), LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Looks until all is well or the problem is certain.</summary>
    /// <param name="cancellationToken">Cancelled when the process is told to stop.</param>
    /// <returns>One sentence; null when all is well.</returns>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        long? readySince = null;
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks)))
        {
            if (await FindFirstAsync(cancellationToken) is not { } problem) return null;

            readySince = await isServerReady(cancellationToken) ? readySince ?? time.GetTimestamp() : null;
            if (readySince is { } since && time.GetElapsedTime(since) >= Certainty) return problem;
            if (time.GetElapsedTime(started) >= Patience) return problem;

            if (pause == FirstPause) LogWaiting(logger, Patience.TotalSeconds, problem);
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task<string?> FindFirstAsync(CancellationToken cancellationToken)
    {
        foreach (var check in checks)
        {
            if (await check.FindProblemAsync(cancellationToken) is { } problem) return problem;
        }

        return null;
    }

    [LoggerMessage(EventId = 5, EventName = "Waiting", Level = LogLevel.Information,
        Message = "Not started yet; trying again for up to {Seconds} s: {Problem}")]
    private static partial void LogWaiting(ILogger logger, double seconds, string problem);
}
