namespace NangoOrleans.Kubernetes;

/// <summary>client-go's spam filter: an object may have 25 events at once and then one every five minutes.</summary>
internal sealed class EventAllowances(TimeProvider time)
{
    private const double Burst = 25;

    /// <summary>As many objects as client-go remembers; beyond it those that are full again are forgotten.</summary>
    private const int Capacity = 4096;

    private static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, (double Tokens, long At)> _buckets = new(StringComparer.Ordinal);

    /// <summary>Takes one token of an object.</summary>
    public bool TryTake(string uid)
    {
        var tokens = Current(uid);
        if (tokens < 1) return false;
        if (_buckets.Count >= Capacity) Forget();
        _buckets[uid] = (tokens - 1, time.GetTimestamp());
        return true;
    }

    private double Current(string uid) => _buckets.TryGetValue(uid, out var bucket)
        ? Math.Min(Burst, bucket.Tokens + (time.GetElapsedTime(bucket.At) / Refill))
        : Burst;

    // Full buckets say nothing; if all are in use the oldest half goes, which at worst lets a few events through.
    private void Forget()
    {
        foreach (var uid in _buckets.Keys.Where(uid => Current(uid) >= Burst).ToList()) _buckets.Remove(uid);
        if (_buckets.Count < Capacity) return;
        foreach (var uid in _buckets.OrderBy(b => b.Value.At).Take(Capacity / 2).Select(b => b.Key).ToList()) _buckets.Remove(uid);
    }
}
