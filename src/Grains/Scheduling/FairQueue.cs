namespace NangoOrleans.Scheduling;

/// <summary>A queue whose members belong to groups that take turns; within a group the first comes first. Not thread-safe.</summary>
/// <typeparam name="T">What waits.</typeparam>
/// <param name="weigh">How much a member counts; 1 when omitted.</param>
internal sealed class FairQueue<T>(Func<T, int>? weigh = null)
    where T : class
{
    private readonly Dictionary<string, LinkedList<Ticket>> _groups = new(StringComparer.Ordinal);
    private readonly LinkedList<LinkedList<Ticket>> _turns = new();
    private readonly LinkedList<Ticket> _arrivals = new();

    /// <summary>Number of members.</summary>
    public int Count => _arrivals.Count;

    /// <summary>The groups with the weight of their members.</summary>
    public IEnumerable<(string Group, int Count)> Groups =>
        _groups.Select(group => (group.Key, weigh is null ? group.Value.Count : group.Value.Sum(ticket => weigh(ticket.Item))));

    /// <summary>The one that has waited longest; null when the queue is empty.</summary>
    public T? Oldest => _arrivals.First?.Value.Item;

    /// <summary>Adds a member at the end of its group.</summary>
    /// <param name="group">Its group.</param>
    /// <param name="item">The member.</param>
    public Ticket Add(string group, T item)
    {
        if (!_groups.TryGetValue(group, out var members))
        {
            _groups[group] = members = new LinkedList<Ticket>();
            _turns.AddLast(members);
        }

        var ticket = new Ticket(group, item);
        ticket.InGroup = members.AddLast(ticket);
        ticket.InArrivals = _arrivals.AddLast(ticket);
        return ticket;
    }

    /// <summary>Takes the first of the group whose turn it is; null when the queue is empty.</summary>
    public T? TakeNext()
    {
        if (_turns.First is not { } turn) return null;
        _turns.RemoveFirst();
        _turns.AddLast(turn);
        var ticket = turn.Value.First!.Value;
        Remove(ticket);
        return ticket.Item;
    }

    /// <summary>Takes the one that has waited longest, whatever its group.</summary>
    public T? TakeOldest()
    {
        if (_arrivals.First is not { Value: var ticket }) return null;
        Remove(ticket);
        return ticket.Item;
    }

    /// <summary>Removes a member, if it still waits.</summary>
    /// <param name="ticket">As given when it was added.</param>
    public void Remove(Ticket ticket)
    {
        if (ticket.InArrivals.List is null) return;
        _arrivals.Remove(ticket.InArrivals);
        var members = _groups[ticket.Group];
        members.Remove(ticket.InGroup);
        if (members.Count > 0) return;
        _groups.Remove(ticket.Group);
        _turns.Remove(members);
    }

    /// <summary>A member's places in the queue.</summary>
    internal sealed class Ticket(string group, T item)
    {
        public string Group { get; } = group;

        public T Item { get; } = item;

        public LinkedListNode<Ticket> InGroup { get; set; } = null!;

        public LinkedListNode<Ticket> InArrivals { get; set; } = null!;
    }
}
