using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Watching;

namespace NangoOrleans.Testing.ApiServer.Faults;

/// <summary>Makes the server misbehave, at once or by rule. Thread-safe.</summary>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<ActiveRule> _rules = [];
    private readonly Random _random;
    private readonly ObjectStore _store;
    private readonly OpenWatches _watches;
    private TaskCompletionSource _cleared = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal FaultPlan(ObjectStore store, OpenWatches watches, int seed) => (_store, _watches, _random) = (store, watches, new Random(seed));

    /// <summary>Rules that still have requests to befall, oldest first.</summary>
    public IReadOnlyList<FaultRule> Rules
    {
        get
        {
            lock (_gate)
            {
                return [.. _rules.Select(active => active.Rule with { Count = active.Left })];
            }
        }
    }

    /// <summary>How many watches are open.</summary>
    public int OpenWatchCount => _watches.Count;

    /// <summary>Adds a rule; of several that match a request, the oldest acts.</summary>
    public void Add(FaultRule rule)
    {
        lock (_gate)
        {
            _rules.Add(new ActiveRule(rule) { Left = rule.Count });
        }
    }

    /// <summary>Removes all rules and lets stalled bodies go on.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules.Clear();
            _cleared.TrySetResult();
            _cleared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends every open watch now.</summary>
    /// <param name="abruptly">Reset the stream; otherwise the body ends in order, as when the server's timeout has passed.</param>
    /// <returns>How many watches were ended.</returns>
    public int CutWatches(bool abruptly = false) => _watches.CutAll(abruptly);

    /// <summary>Makes the next watches be told that their resourceVersion is too old.</summary>
    public void ExpireNextWatches(int count, WatchExpiry how = WatchExpiry.ErrorEvent, string resource = "*") =>
        Add(new FaultRule { Verb = "watch", Resource = resource, Count = count, Expire = how });

    /// <summary>Holds back the body of the next lists.</summary>
    public void StallLists(int count, StallPoint where, string resource = "*") =>
        Add(new FaultRule { Verb = "list", Resource = resource, Count = count, Stall = where });

    /// <summary>Forgets all events: every resourceVersion up to now becomes too old to resume a watch or a paged list from.</summary>
    public void CompactEventLog() => _store.Compact();

    /// <summary>Completed when <see cref="Clear"/> is called.</summary>
    internal Task Cleared
    {
        get
        {
            lock (_gate)
            {
                return _cleared.Task;
            }
        }
    }

    internal FaultRule? Take(string verb, string resource, string? name)
    {
        lock (_gate)
        {
            foreach (var active in _rules)
            {
                if (!active.Matches(verb, resource, name) || (active.Rule.Probability < 1 && _random.NextDouble() >= active.Rule.Probability))
                {
                    continue;
                }

                active.Left -= 1;
                if (active.Left == 0)
                {
                    _rules.Remove(active);
                }

                return active.Rule;
            }

            return null;
        }
    }

    private sealed class ActiveRule(FaultRule rule)
    {
        public FaultRule Rule { get; } = rule;

        public int? Left { get; set; }

        public bool Matches(string verb, string resource, string? name) =>
            (Rule.Verb == "*" || Rule.Verb == verb)
            && (Rule.Resource == "*" || Rule.Resource == resource)
            && (Rule.Name is null || Rule.Name == name);
    }
}
