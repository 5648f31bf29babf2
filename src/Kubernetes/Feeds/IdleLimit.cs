namespace NangoOrleans.Kubernetes;

/// <summary>Ends a read that brings nothing for too long; the time the receiver takes does not count.</summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _linked;

    public IdleLimit(TimeSpan limit, TimeProvider time, CancellationToken stop)
    {
        _limit = limit;
        _stop = stop;
        _idle = new CancellationTokenSource(limit, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, stop);
    }

    /// <exception cref="FeedFaultException">Nothing came within the limit.</exception>
    public async ValueTask<bool> GuardAsync(Func<CancellationToken, ValueTask<bool>> read)
    {
        _idle.CancelAfter(_limit);
        try
        {
            return await read(_linked.Token);
        }
        catch (Exception) when (_idle.IsCancellationRequested && !_stop.IsCancellationRequested)
        {
            throw new FeedFaultException(new("idle", $"The watch was silent for {_limit.TotalSeconds:0} s."));
        }
        finally
        {
            _idle.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _linked.Dispose();
        _idle.Dispose();
    }
}
