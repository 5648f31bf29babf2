using System.Globalization;

namespace NangoOrleans.Testing.ApiServer.Faults;

/// <summary>One answered request.</summary>
/// <param name="Number">Counts all requests from 1.</param>
/// <param name="Time">When it was answered, by the server's clock.</param>
/// <param name="Verb">Kubernetes verb; the lower-case HTTP method for paths that are no resource.</param>
/// <param name="Path">Path and query. Bodies and headers are never recorded.</param>
/// <param name="Resource">Plural name, with subresource where there is one; empty for other paths.</param>
/// <param name="Namespace">Namespace in the path.</param>
/// <param name="Name">Object name in the path.</param>
/// <param name="Status">HTTP status; 0 when the connection was dropped. Watches are entered when they end.</param>
/// <param name="UserAgent">User-Agent header.</param>
public sealed record JournalEntry(
    long Number, DateTimeOffset Time, string Verb, string Path, string Resource, string? Namespace, string? Name, int Status, string UserAgent)
{
    private static readonly HashSet<string> Mutating = ["create", "update", "patch", "delete", "deletecollection"];

    /// <summary>Whether the verb is one that writes.</summary>
    public bool IsMutating => Mutating.Contains(Verb);
}

/// <summary>What was asked of the server: the last 100,000 requests, oldest first. Thread-safe.</summary>
public sealed class RequestJournal
{
    private const int Capacity = 100_000;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _entries = new();
    private long _number;

    /// <summary>Entries that fit all given conditions.</summary>
    /// <param name="mutating">Only writes, or only reads.</param>
    /// <param name="resource">Plural name, with subresource where meant.</param>
    /// <param name="verb">Kubernetes verb.</param>
    /// <param name="after">Only entries with a greater number.</param>
    public IReadOnlyList<JournalEntry> Entries(bool? mutating = null, string? resource = null, string? verb = null, long after = 0)
    {
        lock (_gate)
        {
            return
            [
                .. _entries.Where(entry => entry.Number > after
                    && (mutating is null || entry.IsMutating == mutating)
                    && (resource is null || entry.Resource == resource)
                    && (verb is null || entry.Verb == verb)),
            ];
        }
    }

    /// <summary>Forgets everything; numbers go on.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
        }
    }

    internal void Add(Func<long, JournalEntry> entry)
    {
        lock (_gate)
        {
            _entries.Enqueue(entry(++_number));
            if (_entries.Count > Capacity)
            {
                _entries.Dequeue();
            }
        }
    }

    internal IReadOnlyList<JournalEntry> Query(Func<string, string?> query) => Entries(
        query("mutating") is { Length: > 0 } flag ? flag is "true" or "1" : null,
        query("resource"),
        query("verb"),
        long.TryParse(query("after"), NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : 0);
}
