using System.Diagnostics.CodeAnalysis;

namespace NangoOrleans.FakeNango;

/// <summary>One environment (dev, prod, …) of the account: its integrations and their connections. Thread-safe.</summary>
public sealed class NangoEnvironment(string name)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredIntegration> _integrations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _connections = new(StringComparer.Ordinal);
    private long _order;

    /// <summary>Name, as in the journal.</summary>
    public string Name { get; } = name;

    /// <summary>Part of webhook URLs.</summary>
    public Guid Uuid { get; } = Guid.NewGuid();

    /// <summary>Number of integrations.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _integrations.Count;
        }
    }

    /// <summary>All integrations, by provider, then age.</summary>
    public IReadOnlyList<StoredIntegration> All()
    {
        StoredIntegration[] rows;
        lock (_gate)
            rows = [.. _integrations.Values];
        Array.Sort(rows, static (a, b) =>
        {
            var byProvider = string.CompareOrdinal(a.Provider, b.Provider);
            var byAge = byProvider != 0 ? byProvider : a.CreatedAt.CompareTo(b.CreatedAt);
            return byAge != 0 ? byAge : a.Order.CompareTo(b.Order);
        });
        return rows;
    }

    /// <summary>The integration of this exact key, or null.</summary>
    public StoredIntegration? Find(string uniqueKey)
    {
        lock (_gate)
            return _integrations.GetValueOrDefault(uniqueKey);
    }

    /// <summary>False when the key is taken.</summary>
    public bool TryAdd(StoredIntegration integration)
    {
        lock (_gate)
            return _integrations.TryAdd(integration.UniqueKey, integration with { Order = ++_order });
    }

    /// <summary>
    /// Changes an integration behind Nango's back, as somebody with the dashboard or the database would; time stamps are the
    /// caller's business. False when it does not exist.
    /// </summary>
    public bool Edit(string uniqueKey, Func<StoredIntegration, StoredIntegration> edit)
    {
        lock (_gate)
        {
            if (!_integrations.TryGetValue(uniqueKey, out var current))
                return false;
            var edited = edit(current);
            _integrations.Remove(uniqueKey);
            _integrations[edited.UniqueKey] = edited;
            return true;
        }
    }

    /// <summary>Removes an integration together with its connections. False when it does not exist.</summary>
    public bool Remove(string uniqueKey)
    {
        lock (_gate)
        {
            _connections.Remove(uniqueKey);
            return _integrations.Remove(uniqueKey);
        }
    }

    /// <summary>Gives an integration this many connections.</summary>
    public void SetConnections(string uniqueKey, int count)
    {
        lock (_gate)
            _connections[uniqueKey] = count;
    }

    /// <summary>Connections of an integration.</summary>
    public int ConnectionsOf(string uniqueKey)
    {
        lock (_gate)
            return _connections.GetValueOrDefault(uniqueKey);
    }

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _integrations.Clear();
            _connections.Clear();
        }
    }

    /// <summary>Decides and writes while nobody else writes. A null row in the outcome leaves the store alone.</summary>
    internal Answer Update(string uniqueKey, Func<StoredIntegration?, Updated> decide)
    {
        lock (_gate)
        {
            var current = _integrations.GetValueOrDefault(uniqueKey);
            var (row, answer) = decide(current);
            if (row is null)
                return answer;
            if (row.UniqueKey != uniqueKey)
                _integrations.Remove(uniqueKey);
            _integrations[row.UniqueKey] = row;
            return answer;
        }
    }

    [SuppressMessage("Design", "MA0016", Justification = "A private snapshot.")]
    internal List<KeyValuePair<StoredIntegration, int>> Connections()
    {
        lock (_gate)
            return [.. _connections.Where(pair => pair.Value > 0 && _integrations.ContainsKey(pair.Key)).Select(pair => KeyValuePair.Create(_integrations[pair.Key], pair.Value))];
    }
}

/// <summary>What an update writes (null: nothing) and answers.</summary>
internal readonly record struct Updated(StoredIntegration? Row, Answer Answer);
