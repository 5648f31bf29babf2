namespace NangoOrleans.Kubernetes.Leasing;

/// <summary>A term while it lasts. It is over when the deadline after its last renewal has passed, even if nobody was awake to notice.</summary>
internal sealed class HeldTerm : IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _time;
    private long _renewed;

    /// <summary>Begins a term.</summary>
    /// <param name="info">What the one who leads is told.</param>
    /// <param name="renewed">Timestamp from before the request that acquired it was sent.</param>
    /// <param name="deadline">How long a renewal lasts.</param>
    /// <param name="time">Clock.</param>
    public HeldTerm(LeaseTerm info, long renewed, TimeSpan deadline, TimeProvider time)
    {
        (Info, _renewed, _deadline, _time) = (info, renewed, deadline, time);
        _over = new CancellationTokenSource(Left(renewed), time);
        Token = _over.Token;
    }

    public LeaseTerm Info { get; }

    /// <summary>Cancelled when the term is over.</summary>
    public CancellationToken Token { get; }

    /// <summary>Asks the clock, too: after a suspension a timer is late, the clock is not.</summary>
    public bool IsOver => Token.IsCancellationRequested || _time.GetElapsedTime(Volatile.Read(ref _renewed)) >= _deadline;

    /// <summary>Takes a renewal into account, unless the term is over: a term is never revived.</summary>
    /// <param name="started">Timestamp from before the request was sent.</param>
    public void Renew(long started)
    {
        if (IsOver) return;
        Volatile.Write(ref _renewed, started);
        _over.CancelAfter(Left(started));
    }

    public Task EndAsync() => _over.CancelAsync();

    public void Dispose() => _over.Dispose();

    private TimeSpan Left(long renewed)
    {
        var left = _deadline - _time.GetElapsedTime(renewed);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
