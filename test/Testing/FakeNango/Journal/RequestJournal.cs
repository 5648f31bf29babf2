using System.Diagnostics.CodeAnalysis;

namespace NangoOrleans.FakeNango;

/// <summary>
/// The calls a fake Nango received: the newest ones in full (bounded), all of them in the counts. An entry appears when its
/// request has been read and has its final status before the answer leaves, so a caller that saw the answer finds it here.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is a journal, not a stream.")]
public sealed class RequestJournal
{
    private const int FirstCapacity = 1024;
    private readonly Lock _gate = new();
    private readonly int _capacity;
    private readonly Dictionary<(string Method, string Route, int? Status, CallOutcome Outcome), long> _counts = [];
    private JournalEntry?[] _ring;
    private long _oldest = 1;
    private long _next = 1;
    private TaskCompletionSource? _change;

    internal RequestJournal(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _ring = new JournalEntry?[Math.Min(FirstCapacity, capacity)];
    }

    /// <summary>Seq of the newest call; 0 before the first.</summary>
    public long LastSeq
    {
        get
        {
            lock (_gate)
                return _next - 1;
        }
    }

    /// <summary>The kept calls after <paramref name="since"/>, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Entries(long since = 0, string? method = null, string? pathPrefix = null)
    {
        var entries = new List<JournalEntry>();
        lock (_gate)
        {
            for (var seq = Math.Max(since + 1, _oldest); seq < _next; seq++)
                entries.Add(_ring[seq % _ring.Length]!);
        }
        entries.RemoveAll(entry =>
            method is not null && !string.Equals(entry.Method, method, StringComparison.OrdinalIgnoreCase)
            || pathPrefix is not null && !entry.Path.StartsWith(pathPrefix, StringComparison.Ordinal));
        return entries;
    }

    /// <summary>Finished calls by method, route, status and outcome, since the last clear; forgotten entries included.</summary>
    public IReadOnlyList<JournalCount> Summary()
    {
        lock (_gate)
        {
            return [.. _counts.Select(pair => new JournalCount(pair.Key.Method, pair.Key.Route, pair.Key.Status, pair.Key.Outcome, pair.Value))
                .OrderBy(count => count.Route, StringComparer.Ordinal).ThenBy(count => count.Method, StringComparer.Ordinal).ThenBy(count => count.Status)];
        }
    }

    /// <summary>Number of finished calls that match; null matches everything.</summary>
    public long Count(string? method = null, string? route = null, int? status = null) => Summary()
        .Where(count => (method ?? count.Method) == count.Method && (route ?? count.Route) == count.Route && (status ?? count.Status) == count.Status)
        .Sum(count => count.Count);

    /// <summary>The first kept or coming call that satisfies the condition, finished or pending.</summary>
    public async Task<JournalEntry> WaitForAsync(Func<JournalEntry, bool> condition, CancellationToken cancellation, long since = 0)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
                changed = (_change ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            if (Entries(since).FirstOrDefault(condition) is { } found)
                return found;
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Forgets entries and counts. Calls still under way are counted when they end.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Array.Clear(_ring);
            _oldest = _next;
            _counts.Clear();
        }
    }

    internal JournalEntry Begin(Func<long, JournalEntry> make)
    {
        lock (_gate)
        {
            if (_next - _oldest == _ring.Length)
            {
                if (_ring.Length < _capacity)
                    Grow();
                else
                    _oldest++;
            }
            var entry = make(_next);
            _ring[_next++ % _ring.Length] = entry;
            Announce();
            return entry;
        }
    }

    internal void Complete(JournalEntry entry)
    {
        lock (_gate)
        {
            if (entry.Seq >= _oldest)
                _ring[entry.Seq % _ring.Length] = entry;
            var kind = (entry.Method, entry.Route, entry.Status, entry.Outcome);
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            Announce();
        }
    }

    private void Grow()
    {
        var grown = new JournalEntry?[Math.Min(_ring.Length * 2, _capacity)];
        for (var seq = _oldest; seq < _next; seq++)
            grown[seq % grown.Length] = _ring[seq % _ring.Length];
        _ring = grown;
    }

    private void Announce()
    {
        _change?.TrySetResult();
        _change = null;
    }
}
