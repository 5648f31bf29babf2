using NangoOrleans.Scheduling;

namespace NangoOrleans.Environments;

/// <summary>The permits of one lease: what is left of them, what is under way with them, and what goes back. Not thread-safe.</summary>
/// <param name="waiting">Those who wait: each lane leaves the other its part while somebody waits there.</param>
/// <param name="time">The clock.</param>
internal sealed class PermitStock(WaitingRequests waiting, TimeProvider time)
{
    /// <summary>Permits asked for in advance at a time.</summary>
    public const int Batch = 32;

    /// <summary>Unused permits go back after so long without a request.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    private PermitLease _lease = new();
    private DateTimeOffset _validUntil, _usedAt;
    private int _permits, _forChecks, _returned, _underWay, _used;
    private bool _promised;

    /// <summary>Every permit of the lease is for one that finds out whether the environment has recovered.</summary>
    public bool IsProbe => _lease.IsProbe;

    /// <summary>True while the grain counts something as promised to this silo, and must hear of it again.</summary>
    public bool IsPromised => _promised && _lease.IsLimited;

    /// <summary>True when nothing is under way and nothing was taken for a while.</summary>
    public bool IsIdle => _underWay == 0 && time.GetUtcNow() - _usedAt >= Idle;

    /// <summary>Takes a new lease in; what was left of the last one has gone back.</summary>
    /// <param name="lease">As granted.</param>
    /// <param name="isLimitKnown">True when Nango has told of a limit: it may have done so while the grain answered that it knew of none.</param>
    public void Fill(PermitLease lease, bool isLimitKnown)
    {
        _lease = lease;
        if (lease.Granted == 0) return;
        var isVoid = !lease.IsLimited && isLimitKnown;
        (_permits, _forChecks, _validUntil) = (isVoid ? 0 : lease.Granted, lease.ForChecks, time.GetUtcNow() + lease.ValidFor);
        if (isVoid) _returned += lease.Granted;
        _promised = true;
    }

    /// <summary>Takes permits, as far as they are at hand.</summary>
    /// <param name="lane">For whom.</param>
    /// <param name="count">How many; while no limit is known, only one is taken.</param>
    /// <returns>How many were taken.</returns>
    public int Take(ReconcileLane lane, int count)
    {
        var taken = 0;
        while (taken < (_lease.IsLimited && !_lease.IsProbe ? count : 1) && MayTake(lane))
        {
            if (lane == ReconcileLane.Resync && _forChecks > 0) _forChecks--;
            _permits--;
            _underWay++;
            _used++;
            _usedAt = time.GetUtcNow();
            taken++;
        }

        return taken;
    }

    /// <summary>Whether a lane may take one.</summary>
    /// <param name="lane">Which.</param>
    public bool MayTake(ReconcileLane lane)
    {
        if (time.GetUtcNow() >= _validUntil) GiveBack();
        var mine = lane == ReconcileLane.Change
            ? _permits - (waiting.Any(ReconcileLane.Resync) ? _forChecks : 0)
            : waiting.Any(ReconcileLane.Change) ? Math.Min(_forChecks, _permits) : _permits;
        return mine > 0;
    }

    /// <summary>Permits were taken for one that has given up in this very moment.</summary>
    /// <param name="count">How many.</param>
    public void PutBack(int count)
    {
        _permits += count;
        _underWay -= count;
        _used -= count;
    }

    /// <summary>A request is over.</summary>
    public void Finished() => _underWay--;

    /// <summary>What is left is for the grain to give out anew.</summary>
    public void GiveBack()
    {
        _returned += _permits;
        (_permits, _forChecks) = (0, 0);
    }

    /// <summary>Gives back what is left when it is more than Nango still allows: others use the account, too. So does the first word of a limit.</summary>
    /// <param name="remaining">Requests that Nango still allows in this window.</param>
    public void Compare(int remaining)
    {
        if (!_lease.IsLimited || remaining - _lease.Floor < _permits) GiveBack();
    }

    /// <summary>Counts what the grain is to hear of, and begins anew.</summary>
    public Account Close()
    {
        GiveBack();
        var account = new Account(_underWay, _returned, _lease.IsLimited ? Math.Min(2 * _used, Batch) : Batch);
        (_returned, _used) = (0, 0);
        _promised = _underWay > 0;
        return account;
    }

    /// <summary>What the grain is told.</summary>
    /// <param name="UnderWay">Requests under way.</param>
    /// <param name="Returned">Permits that go back.</param>
    /// <param name="InAdvance">Permits to ask for besides those that are waited for.</param>
    internal sealed record Account(int UnderWay, int Returned, int InAdvance);
}
