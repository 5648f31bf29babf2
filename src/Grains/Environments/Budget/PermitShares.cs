namespace NangoOrleans.Environments.Budget;

/// <summary>
/// Divides scarce permits between namespaces, whichever silos they wait on: changes before checks, a tenth kept for checks, and within a
/// lane the namespace that has had least in this window comes first. Not thread-safe.
/// </summary>
internal sealed class PermitShares
{
    // One part in so many is for checks, however many changes wait.
    private const int CheckPart = 10;

    private readonly Dictionary<string, Claims> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<(bool IsCheck, string Namespace), int> _had = [];
    private int _changesHad, _checksHad;

    /// <summary>Namespaces that wait.</summary>
    public int Count => Demands().Select(claim => claim.Demand.Namespace).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Permits that are wanted and were not granted.</summary>
    public int Claimed => Demands().Sum(claim => claim.Demand.Waiting + claim.Demand.Expected);

    /// <summary>Nobody has had anything yet.</summary>
    public void BeginWindow()
    {
        _had.Clear();
        (_changesHad, _checksHad) = (0, 0);
    }

    /// <summary>Replaces what a silo wants.</summary>
    /// <param name="holder">The silo.</param>
    /// <param name="demands">What it wants now.</param>
    /// <param name="until">After that it has given up, or is gone.</param>
    /// <param name="now">The time.</param>
    public void Tell(string holder, IReadOnlyList<PermitDemand> demands, DateTimeOffset until, DateTimeOffset now)
    {
        foreach (var lapsed in _claims.Where(claim => claim.Value.Until <= now).Select(claim => claim.Key).ToList()) _claims.Remove(lapsed);
        _claims.Remove(holder);
        if (demands.Count > 0) _claims[holder] = new Claims([.. demands], until);
    }

    /// <summary>A silo wants nothing any more.</summary>
    /// <param name="holder">The silo.</param>
    public void Forget(string holder) => _claims.Remove(holder);

    /// <summary>Takes a silo's part of what is left, for those who wait there; the parts of others stay.</summary>
    /// <param name="holder">The silo.</param>
    /// <param name="left">Permits that can be given.</param>
    /// <returns>For changes and for checks.</returns>
    public (int Changes, int Checks) Take(string holder, int left)
    {
        if (left == 0 || !_claims.TryGetValue(holder, out var own)) return (0, 0);
        var parts = Divide(left);
        var (changes, checks) = (0, 0);
        for (var i = 0; i < own.Demands.Length; i++)
        {
            var demand = own.Demands[i];
            var key = (demand.IsCheck, demand.Namespace);
            var part = Math.Min(demand.Waiting, OwnPart(holder, key, parts.GetValueOrDefault(key)));
            if (part == 0) continue;
            own.Demands[i] = demand with { Waiting = demand.Waiting - part };
            _had[key] = _had.GetValueOrDefault(key) + part;
            if (demand.IsCheck) checks += part;
            else changes += part;
        }

        (_changesHad, _checksHad) = (_changesHad + changes, _checksHad + checks);
        return (changes, checks);
    }

    private Dictionary<(bool IsCheck, string Namespace), int> Divide(int left)
    {
        var wanted = new Dictionary<(bool IsCheck, string Namespace), int>();
        foreach (var (_, demand) in Demands())
        {
            var key = (demand.IsCheck, demand.Namespace);
            wanted[key] = wanted.GetValueOrDefault(key) + demand.Waiting + demand.Expected;
        }

        var parts = new Dictionary<(bool, string), int>();
        // Rounded up, so that one check is possible in any window.
        var due = Math.Clamp(((left + _changesHad + _checksHad + CheckPart - 1) / CheckPart) - _checksHad, 0, left);
        left -= Fill(wanted, parts, isCheck: true, due);
        left -= Fill(wanted, parts, isCheck: false, left);
        Fill(wanted, parts, isCheck: true, left);
        return parts;
    }

    // One by one to whoever has had least: there are seldom more than a few hundred to give while anybody has to wait.
    private int Fill(Dictionary<(bool IsCheck, string Namespace), int> wanted, Dictionary<(bool, string), int> parts, bool isCheck, int amount)
    {
        var order = new PriorityQueue<(bool IsCheck, string Namespace), int>();
        foreach (var (key, want) in wanted)
        {
            if (key.IsCheck == isCheck && want > parts.GetValueOrDefault(key)) order.Enqueue(key, _had.GetValueOrDefault(key) + parts.GetValueOrDefault(key));
        }

        var given = 0;
        while (given < amount && order.TryDequeue(out var next, out var had))
        {
            parts[next] = parts.GetValueOrDefault(next) + 1;
            given++;
            if (parts[next] < wanted[next]) order.Enqueue(next, had + 1);
        }

        return given;
    }

    // Silos on which the same namespace waits share its part as they wait for it, rounded in favour of the one that asks.
    private int OwnPart(string holder, (bool IsCheck, string Namespace) key, int part)
    {
        if (part == 0) return 0;
        var (own, all) = (0, 0);
        foreach (var (who, demand) in Demands())
        {
            if ((demand.IsCheck, demand.Namespace) != key) continue;
            var wants = demand.Waiting + demand.Expected;
            all += wants;
            if (who == holder) own += wants;
        }

        return all == 0 ? 0 : (int)((((long)part * own) + all - 1) / all);
    }

    private IEnumerable<(string Holder, PermitDemand Demand)> Demands() =>
        _claims.SelectMany(claim => claim.Value.Demands.Where(demand => demand.Waiting + demand.Expected > 0).Select(demand => (claim.Key, demand)));

    private sealed record Claims(PermitDemand[] Demands, DateTimeOffset Until);
}
