namespace NangoOrleans.Kubernetes.Leasing;

/// <summary>
/// What this process has seen of the Lease. A holder is judged by when its record was last seen to change, by our
/// monotonic clock, never by the times written into it: so clocks that differ do no harm.
/// </summary>
internal sealed class LeaseObserver(LeaseOptions options, TimeProvider time)
{
    private LeaseRecord? _record;
    private long _changed;
    private bool _hasLooked;

    // Before our first look nothing of ours can run, so a record with our identity that is found then is our predecessor's.
    private string? _inheritedAcquireTime;
    private volatile LeaseHolder? _holder;

    /// <summary>The last seen holder; null when the Lease is free or was never seen. Safe to read from any thread.</summary>
    public LeaseHolder? Holder => _holder;

    /// <summary>The acquireTime of our own last attempt: it tells our own term from that of a namesake.</summary>
    public string OwnAcquireTime { get; set; } = "";

    /// <summary>Takes note of the Lease and says whether it may be taken.</summary>
    /// <param name="record">What it says; null where there is none.</param>
    public bool MayTake(LeaseRecord? record)
    {
        if (!_hasLooked && record is not null && IsNamed(record)) _inheritedAcquireTime = record.AcquireTime;
        _hasLooked = true;
        Note(record);
        return record is null || record.Holder.Length == 0 || IsOwn(record) || IsInherited(record) || UntilExpiry() <= TimeSpan.Zero;
    }

    /// <summary>True when the record is that of our own last attempt, whether or not its answer reached us.</summary>
    public bool IsOwn(LeaseRecord record) => IsNamed(record) && string.Equals(record.AcquireTime, OwnAcquireTime, StringComparison.Ordinal);

    /// <summary>True when it carries our identity, be it from this process or from another.</summary>
    public bool IsNamed(LeaseRecord record) => string.Equals(record.Holder, options.Identity, StringComparison.Ordinal);

    /// <summary>Takes note of a record that was read or written.</summary>
    public void Note(LeaseRecord? record)
    {
        if (record == _record) return;
        var isSameHolder = _record is not null && record is not null
            && string.Equals(_record.Holder, record.Holder, StringComparison.Ordinal)
            && string.Equals(_record.AcquireTime, record.AcquireTime, StringComparison.Ordinal);
        _record = record;
        _changed = time.GetTimestamp();
        _holder = record is { Holder.Length: > 0 }
            ? new(record.Holder, time.GetUtcNow(), isSameHolder ? _holder!.Renewals + 1 : 0)
            : null;
    }

    /// <summary>Time until the holder is given up; nothing or less when there is none.</summary>
    public TimeSpan UntilExpiry()
    {
        if (_record is not { Holder.Length: > 0 } record) return TimeSpan.Zero;

        // The holder's own promise counts, not our setting: they differ while a new setting is rolled out.
        var duration = record.DurationSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : options.Duration;
        return duration - time.GetElapsedTime(_changed);
    }

    private bool IsInherited(LeaseRecord record) =>
        IsNamed(record) && string.Equals(record.AcquireTime, _inheritedAcquireTime, StringComparison.Ordinal);
}
