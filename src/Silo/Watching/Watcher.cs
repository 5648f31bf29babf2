using System.Runtime.ExceptionServices;

namespace NangoOrleans.Watching;

/// <summary>Stands for election with every silo, and watches while it is elected.</summary>
internal sealed partial class Watcher(IElection election, IServiceProvider services, TimeProvider time, ILogger<Watcher> logger) : BackgroundService
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _failed = new();
    private volatile WatchTerm? _term;
    private volatile ExceptionDispatchInfo? _failure;
    private Task _drain = Task.CompletedTask;

    /// <summary>The term under way here; null when there is none, or its deadline has passed: then what its index says may be out of date.</summary>
    public WatchTerm? Term => election.IsHeld ? _term : null;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // The Lease is free by now: the next watcher need not wait for what this one still delivers.
        await _drain.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _failed.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _failed.Token);
        await election.RunAsync(LeadAsync, stop.Token);
        _failure?.Throw();
    }

    private async Task LeadAsync(long number, CancellationToken over)
    {
        var term = new WatchTerm(services, number);
        LogBegun(logger, number);
        _term = term;
        try
        {
            await term.RunAsync(over);
        }
        catch (Exception e) when (!over.IsCancellationRequested)
        {
            // A defect, and on every silo the same: better to end than to be elected again and again.
            _failure = ExceptionDispatchInfo.Capture(e);
            await _failed.CancelAsync();
        }
        catch (Exception e)
        {
            LogEndedBadly(logger, e, number);
        }
        finally
        {
            _term = null;
            _drain = Task.WhenAll(_drain, term.DrainAsync(LongestDrain, time));
            LogEnded(logger, number);
        }
    }

    [LoggerMessage(EventId = 2030, EventName = "TermBegun", Level = LogLevel.Information, Message = "This silo watches now: term {Term}")]
    private static partial void LogBegun(ILogger logger, long term);

    [LoggerMessage(EventId = 2031, EventName = "TermEnded", Level = LogLevel.Information, Message = "This silo watches no more: term {Term} is over")]
    private static partial void LogEnded(ILogger logger, long term);

    [LoggerMessage(EventId = 2032, EventName = "TermEndedBadly", Level = LogLevel.Warning, Message = "Term {Term} did not end cleanly")]
    private static partial void LogEndedBadly(ILogger logger, Exception exception, long term);
}
