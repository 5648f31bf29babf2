using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>
/// The cluster's memory: a row for each resource, rebuilt from one list. It answers claims and reminders; while it is
/// incomplete every answer is "unknown", never "none" or "free".
/// </summary>
internal sealed class IntegrationIndex : IFeedIndex
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IntegrationKey, IndexRow> _rows = [];
    private readonly Dictionary<(string BaseUrl, string UniqueKey), HashSet<IntegrationKey>> _claims = [];
    private readonly Dictionary<(string Namespace, string Secret), HashSet<IntegrationKey>> _secretUsers = [];
    private readonly Dictionary<EnvironmentId, HashSet<IntegrationKey>> _environmentUsers = [];
    private volatile bool _isComplete;

    /// <summary>True once everything was listed.</summary>
    public bool IsComplete
    {
        get => _isComplete;
        set => _isComplete = value;
    }

    /// <summary>Number of rows.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _rows.Count;
        }
    }

    /// <summary>Stores a row.</summary>
    /// <param name="row">The newest row of a resource.</param>
    /// <returns>The row known before, and the resources whose claim this changes.</returns>
    public (IndexRow? Before, IReadOnlyList<IntegrationKey> Rivals) Set(IndexRow row)
    {
        lock (_lock)
        {
            _rows.TryGetValue(row.Key, out var before);
            Unlink(before);
            _rows[row.Key] = row;
            Link(row);
            var sameClaim = before is not null && before.Claims == row.Claims && ClaimKey(before) == ClaimKey(row) && before.Uid == row.Uid
                && before.NangoCreatedAt == row.NangoCreatedAt && before.EnvironmentKey == row.EnvironmentKey;
            return (before, sameClaim ? [] : [.. RivalsOf(before), .. RivalsOf(row).Except(RivalsOf(before))]);
        }
    }

    /// <summary>Removes a row.</summary>
    /// <param name="key">The resource.</param>
    /// <returns>The resources whose claim this changes.</returns>
    public IReadOnlyList<IntegrationKey> Remove(IntegrationKey key)
    {
        lock (_lock)
        {
            if (!_rows.Remove(key, out var row)) return [];
            Unlink(row);
            return [.. RivalsOf(row)];
        }
    }

    /// <summary>Resources that need a run and have not been looked at for a while; they are marked as looked at.</summary>
    /// <param name="now">The time.</param>
    /// <param name="unsettledAfter">How long one in need may wait.</param>
    /// <param name="stalledAfter">How long a stalled one rests.</param>
    public IReadOnlyList<(IntegrationKey Key, bool IsStalled)> TakeOverdue(DateTimeOffset now, TimeSpan unsettledAfter, TimeSpan stalledAfter)
    {
        lock (_lock)
        {
            List<(IntegrationKey Key, bool IsStalled)> overdue =
            [
                .. _rows.Values
                    .Where(row => row.IsStalled && !row.NeedsRun ? now - row.LookedAt >= stalledAfter : row.NeedsRun && !(row.NextRetryTime > now) && now - row.LookedAt >= unsettledAfter)
                    .Select(row => (row.Key, IsStalled: row.IsStalled && !row.NeedsRun)),
            ];
            foreach (var (key, _) in overdue) _rows[key] = _rows[key] with { LookedAt = now };
            return overdue;
        }
    }

    /// <summary>The environments in use, each with the shortest interval at which one of its resources wants to be compared.</summary>
    /// <param name="usual">Interval of resources that name none.</param>
    public IReadOnlyDictionary<string, TimeSpan> Environments(TimeSpan usual)
    {
        var shortest = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (var row in _rows.Values)
            {
                if (!row.IsComparable) continue;
                var interval = row.ResyncInterval ?? usual;
                if (!shortest.TryGetValue(row.EnvironmentKey!, out var known) || interval < known) shortest[row.EnvironmentKey!] = interval;
            }
        }

        return shortest;
    }

    /// <summary>The rows of an environment that a list of it can tell something about.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    public IReadOnlyList<IndexRow> ComparableRows(string environmentKey)
    {
        lock (_lock) return [.. _rows.Values.Where(row => row.IsComparable && string.Equals(row.EnvironmentKey, environmentKey, StringComparison.Ordinal))];
    }

    /// <summary>Resources that refer to a Secret and have not applied this version of it.</summary>
    /// <param name="secret">The Secret as it is now; with an empty uid when it is gone.</param>
    public IReadOnlyList<IntegrationKey> UsersOf(ObjectIdentity secret)
    {
        lock (_lock)
        {
            return _secretUsers.TryGetValue((secret.Namespace, secret.Name), out var users)
                ? [.. users.Where(key => !_rows[key].ObservedSecrets.Any(o => o.Name == secret.Name && o.Uid == secret.Uid && o.ResourceVersion == secret.ResourceVersion))]
                : [];
        }
    }

    /// <summary>Resources that refer to an environment object.</summary>
    /// <param name="environment">Which.</param>
    public IReadOnlyList<IntegrationKey> UsersOf(EnvironmentId environment)
    {
        lock (_lock) return _environmentUsers.TryGetValue(environment, out var users) ? [.. users] : [];
    }

    /// <summary>Resources of a namespace that refer to an environment object.</summary>
    /// <param name="namespace">The namespace.</param>
    public IReadOnlyList<IntegrationKey> EnvironmentUsersIn(string @namespace)
    {
        lock (_lock) return [.. _environmentUsers.Values.SelectMany(users => users).Where(key => key.Namespace == @namespace)];
    }

    /// <summary>Decides anew where a resource points.</summary>
    /// <param name="key">The resource.</param>
    /// <param name="environments">The environment objects.</param>
    /// <param name="access">The administrator's word on base URLs.</param>
    /// <returns>The resources whose claim this changes.</returns>
    public IReadOnlyList<IntegrationKey> Resolve(IntegrationKey key, IEnvironmentView environments, INangoAccess access)
    {
        lock (_lock) return _rows.TryGetValue(key, out var row) ? Set(row.Resolve(environments, access)).Rivals : [];
    }

    /// <summary>How the resources of an environment object are.</summary>
    /// <param name="environment">Which.</param>
    public IntegrationCounts CountOf(EnvironmentId environment)
    {
        lock (_lock)
        {
            if (!_environmentUsers.TryGetValue(environment, out var users)) return new IntegrationCounts();
            return new IntegrationCounts { Declared = users.Count, Ready = users.Count(key => _rows[key].IsReady), Failed = users.Count(key => _rows[key].IsFailed) };
        }
    }

    /// <inheritdoc/>
    public bool TryGet(string @namespace, string name, out ObjectIdentity identity)
    {
        lock (_lock)
        {
            var found = _rows.TryGetValue(new IntegrationKey(@namespace, name), out var row);
            identity = found ? Identity(row!) : default;
            return found;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<ObjectIdentity> Snapshot(string? @namespace)
    {
        lock (_lock) return [.. _rows.Values.Where(row => @namespace is null || row.Key.Namespace == @namespace).Select(Identity)];
    }

    /// <summary>All retries that stand in the status of resources.</summary>
    public RetryList ListRetries()
    {
        if (!IsComplete) return new RetryList(Known: false, []);
        lock (_lock) return new RetryList(Known: true, [.. _rows.Values.Where(row => row.NextRetryTime is not null).Select(row => new RetryRow(row.Key.ToString(), row.NextRetryTime!.Value))]);
    }

    /// <summary>The retry of one resource.</summary>
    /// <param name="key">The resource.</param>
    public RetryAnswer FindRetry(IntegrationKey key)
    {
        if (!IsComplete) return new RetryAnswer(Known: false, DueAt: null);
        lock (_lock) return new RetryAnswer(Known: true, _rows.GetValueOrDefault(key)?.NextRetryTime);
    }

    /// <summary>Who owns a unique_key.</summary>
    /// <param name="query">Who wants it, and what is known of where.</param>
    public ClaimAnswer FindOwner(ClaimQuery query)
    {
        if (!IsComplete) return new ClaimAnswer(Known: false, Owner: null);
        lock (_lock)
        {
            if (!_claims.TryGetValue((query.BaseUrl, query.UniqueKey), out var keys)) return new ClaimAnswer(true, null);
            var own = _rows.GetValueOrDefault(query.Asking);
            IntegrationKey? owner = null;
            IndexRow? best = null;
            foreach (var key in keys)
            {
                var row = _rows[key];
                if (key != query.Asking && !IsRival(row, own, query)) continue;
                if (best is null || Precedes(row, best, query.CreatedAt)) (best, owner) = (row, key);
            }

            return new ClaimAnswer(true, owner == query.Asking ? null : owner);
        }
    }

    // The same key in another environment of the server is another integration.
    private static bool IsRival(IndexRow row, IndexRow? own, ClaimQuery query)
    {
        if (query.CreatedAt is { } created && row.NangoCreatedAt is { } reported) return created == reported;
        if (own?.Credential is { } credential && credential.IsSameAs(row.Credential)) return true;
        return row.EnvironmentKey is { } environment && environment == (query.EnvironmentKey ?? own?.EnvironmentKey);
    }

    // Whoever has it keeps it; then the older resource, then the smaller uid: the same answer on every silo and after every restart.
    private static bool Precedes(IndexRow one, IndexRow other, string? createdAt)
    {
        if (createdAt is not null && one.NangoCreatedAt == createdAt != (other.NangoCreatedAt == createdAt)) return one.NangoCreatedAt == createdAt;
        if (one.HoldsKey != other.HoldsKey) return one.HoldsKey;
        return one.CreatedAt != other.CreatedAt ? one.CreatedAt < other.CreatedAt : string.CompareOrdinal(one.Uid, other.Uid) < 0;
    }

    private IEnumerable<IntegrationKey> RivalsOf(IndexRow? row) =>
        row is not null && ClaimKey(row) is { } claim && _claims.TryGetValue(claim, out var keys) ? keys.Where(key => key != row.Key) : [];

    private void Link(IndexRow row)
    {
        if (row.Claims && ClaimKey(row) is { } claim) Add(_claims, claim, row.Key);
        if (row.Environment is { } environment) Add(_environmentUsers, environment, row.Key);
        foreach (var secret in row.Secrets) Add(_secretUsers, (row.Key.Namespace, secret), row.Key);
    }

    private void Unlink(IndexRow? row)
    {
        if (row is null) return;
        if (row.Claims && ClaimKey(row) is { } claim) Drop(_claims, claim, row.Key);
        if (row.Environment is { } environment) Drop(_environmentUsers, environment, row.Key);
        foreach (var secret in row.Secrets) Drop(_secretUsers, (row.Key.Namespace, secret), row.Key);
    }

    private static (string BaseUrl, string UniqueKey)? ClaimKey(IndexRow row) =>
        row.BaseUrl is { } url && row.UniqueKey is { } key ? (url, key) : null;

    private static void Add<TKey>(Dictionary<TKey, HashSet<IntegrationKey>> map, TKey key, IntegrationKey member)
        where TKey : notnull
    {
        if (!map.TryGetValue(key, out var members)) map[key] = members = [];
        members.Add(member);
    }

    private static void Drop<TKey>(Dictionary<TKey, HashSet<IntegrationKey>> map, TKey key, IntegrationKey member)
        where TKey : notnull
    {
        if (map.TryGetValue(key, out var members) && members.Remove(member) && members.Count == 0) map.Remove(key);
    }

    private static ObjectIdentity Identity(IndexRow row) => new(row.Key.Namespace, row.Key.Name, row.Uid, row.ResourceVersion);
}
