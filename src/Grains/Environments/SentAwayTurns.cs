using NangoOrleans.Failures;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Environments;

/// <summary>Who was told to come back in the next window: the environment's grain keeps a share for them. Not thread-safe.</summary>
internal sealed class SentAwayTurns
{
    // More groups would make the request long; what is left out is told next time.
    private const int MaxGroups = 64;

    // They come back within a second of the time they were told.
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(1);

    private readonly Dictionary<RequestTurn, int> _turns = [];
    private DateTimeOffset _until;

    /// <summary>One is sent away.</summary>
    /// <param name="turn">Who.</param>
    /// <param name="failure">Why, and for how long.</param>
    /// <param name="now">The time.</param>
    /// <returns>True when the grain has not heard of this namespace and is to be told.</returns>
    public bool Add(RequestTurn turn, Failure failure, DateTimeOffset now)
    {
        var until = now + (failure.RetryAfter ?? TimeSpan.Zero) + Spread;
        if (until > _until) _until = until;
        var count = _turns.GetValueOrDefault(turn);
        _turns[turn] = count + 1;
        return count == 0 && failure.Reason == Reasons.RateLimited && _turns.Count <= MaxGroups;
    }

    /// <summary>One has come back.</summary>
    /// <param name="turn">Who.</param>
    public void Remove(RequestTurn turn)
    {
        if (!_turns.TryGetValue(turn, out var count)) return;
        if (count > 1) _turns[turn] = count - 1;
        else _turns.Remove(turn);
    }

    /// <summary>What is wanted: by those who wait, and by those who will be back.</summary>
    /// <param name="changes">Namespaces whose changes wait.</param>
    /// <param name="checks">Namespaces whose checks wait.</param>
    /// <param name="now">The time.</param>
    public List<PermitDemand> Demand(IEnumerable<(string Group, int Count)> changes, IEnumerable<(string Group, int Count)> checks, DateTimeOffset now)
    {
        if (now > _until) _turns.Clear();
        var groups = _turns.ToDictionary(turn => turn.Key, turn => (Waiting: 0, Expected: turn.Value));
        foreach (var (lane, waiting) in ((ReconcileLane, IEnumerable<(string Group, int Count)>)[])[(ReconcileLane.Change, changes), (ReconcileLane.Resync, checks)])
        {
            foreach (var (group, count) in waiting)
            {
                var turn = new RequestTurn(lane, group);
                groups[turn] = (count, groups.GetValueOrDefault(turn).Expected);
            }
        }

        return
        [
            .. groups.OrderBy(group => group.Value.Waiting == 0).Take(MaxGroups)
                .Select(group => new PermitDemand(group.Key.Namespace, group.Key.Lane == ReconcileLane.Resync, group.Value.Waiting, group.Value.Expected)),
        ];
    }
}
