using NangoOrleans.Scheduling;

namespace NangoOrleans.Environments;

/// <summary>Those who found no permit: two lanes, in each of which namespaces take turns. Not thread-safe.</summary>
internal sealed class WaitingRequests
{
    private readonly FairQueue<Waiter>[] _lanes = [new(static waiter => waiter.Wanted), new(static waiter => waiter.Wanted)];

    /// <summary>True when nobody waits.</summary>
    public bool IsEmpty => Array.TrueForAll(_lanes, lane => lane.Count == 0);

    /// <summary>Permits that all of them want.</summary>
    public int Wanted => _lanes.Sum(lane => lane.Groups.Sum(group => group.Count));

    /// <summary>Whether somebody waits in a lane.</summary>
    /// <param name="lane">Which.</param>
    public bool Any(ReconcileLane lane) => _lanes[(int)lane].Count > 0;

    /// <summary>The namespaces of a lane with the permits they want.</summary>
    /// <param name="lane">Which.</param>
    public IEnumerable<(string Group, int Count)> Groups(ReconcileLane lane) => _lanes[(int)lane].Groups;

    /// <summary>One more waits.</summary>
    /// <param name="turn">On whose behalf.</param>
    /// <param name="wanted">Permits it wants.</param>
    public Waiter Add(RequestTurn turn, int wanted)
    {
        var waiter = new Waiter(turn, wanted);
        waiter.Ticket = _lanes[(int)turn.Lane].Add(turn.Namespace, waiter);
        return waiter;
    }

    /// <summary>One waits no longer, if it still does.</summary>
    /// <param name="waiter">Which.</param>
    public void Remove(Waiter waiter) => _lanes[(int)waiter.Turn.Lane].Remove(waiter.Ticket);

    /// <summary>Takes the one whose turn it is; null when nobody waits in the lane.</summary>
    /// <param name="lane">Which lane.</param>
    public Waiter? TakeNext(ReconcileLane lane) => _lanes[(int)lane].TakeNext();

    /// <summary>One that waits.</summary>
    internal sealed class Waiter(RequestTurn turn, int wanted)
    {
        public RequestTurn Turn { get; } = turn;

        public int Wanted { get; } = wanted;

        public FairQueue<Waiter>.Ticket Ticket { get; set; } = null!;

        public TaskCompletionSource<IReadOnlyList<RequestPermit>> Permits { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
