using System.Collections.Immutable;

namespace NangoOrleans.FakeNango;

/// <summary>A rule in force and how often it has acted.</summary>
public sealed record ActiveFault(FaultRule Rule, int Fired, int? Remaining);

/// <summary>The injected faults. Thread-safe.</summary>
public sealed class FaultSet
{
    private readonly Lock _gate = new();
    private readonly Random _random;
    private ImmutableArray<Slot> _slots = [];

    internal FaultSet(int? seed) => _random = seed is { } value ? new(value) : new();

    /// <summary>All rules in order, worn-out ones included.</summary>
    public IReadOnlyList<ActiveFault> Active
    {
        get
        {
            lock (_gate)
                return [.. _slots.Select(slot => new ActiveFault(slot.Rule, slot.Fired, slot.Rule.Count - slot.Fired))];
        }
    }

    /// <summary>Replaces all rules. Throws <see cref="ArgumentException"/> for an unusable one and then changes nothing.</summary>
    public void Set(params IEnumerable<FaultRule> rules)
    {
        ImmutableArray<Slot> slots = [.. rules.Select(Ready)];
        lock (_gate)
            _slots = slots;
    }

    /// <summary>Appends a rule.</summary>
    public void Add(FaultRule rule)
    {
        var slot = Ready(rule);
        lock (_gate)
            _slots = _slots.Add(slot);
    }

    /// <summary>Appends a preset that acts <paramref name="count"/> times (null: until cleared).</summary>
    public void Add(string preset, int? count = null, string? method = null, string? path = null) =>
        Add(new FaultRule { Preset = preset, Count = count, Method = method, Path = path });

    /// <summary>Removes all rules.</summary>
    public void Clear()
    {
        lock (_gate)
            _slots = [];
    }

    /// <summary>The rules that act on a call. Lazy: a rule is used up only when the caller gets as far as asking for it.</summary>
    internal IEnumerable<FaultRule> Draw(ApiRequest request)
    {
        ImmutableArray<Slot> slots;
        lock (_gate)
            slots = _slots;
        foreach (var slot in slots)
        {
            if (FaultTarget.Matches(slot.Rule, request) && TryFire(slot))
                yield return slot.Rule;
        }
    }

    private bool TryFire(Slot slot)
    {
        lock (_gate)
        {
            if (slot.Fired >= slot.Rule.Count || slot.Rule.Probability is { } chance && _random.NextDouble() >= chance)
                return false;
            slot.Fired++;
            return true;
        }
    }

    private static Slot Ready(FaultRule rule)
    {
        var expanded = FaultPresets.Expand(rule)
            ?? throw new ArgumentException($"unknown preset \"{rule.Preset}\"; known: {string.Join(", ", FaultPresets.Names)}", nameof(rule));
        return expanded.Check() is { } fault ? throw new ArgumentException(fault, nameof(rule)) : new(expanded);
    }

    private sealed class Slot(FaultRule rule)
    {
        public FaultRule Rule { get; } = rule;

        public int Fired { get; set; }
    }
}
