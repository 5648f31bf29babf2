using System.Globalization;
using Microsoft.Extensions.Logging;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Clustering.Membership;

/// <summary>
/// Orleans' membership table in one OrleansCluster: rows and version change by compare-and-swap of the whole object.
/// Signs of life stand in one Lease for each silo and are read before the table, so that none speaks of a row not yet seen.
/// </summary>
internal sealed partial class KubernetesMembershipTable(ClusterStore store, SiloLeases leases, TimeProvider time, ILogger<KubernetesMembershipTable> logger) : IMembershipTable
{
    private static readonly TimeSpan InitializeWithin = TimeSpan.FromSeconds(30), InitializeEvery = TimeSpan.FromSeconds(1);

    // Only a change that leaves the version alone (a label, say) makes one more attempt worthwhile.
    private const int MaxAttempts = 5;

    private readonly Lock _lock = new();
    private OrleansClusterSpec? _known;

    /// <inheritdoc/>
    public Task InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public async Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken = default)
    {
        if (!tryInitTableVersion) return;
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await store.ReadAsync(cancellationToken) is null) await store.CreateAsync(new() { ClusterId = store.ClusterId }, cancellationToken);
                return;
            }
            catch (KubernetesRequestException e) when (time.GetElapsedTime(started) < InitializeWithin)
            {
                // Orleans repeats every other request itself. An API server that starts refuses for a while what it will grant.
                LogNotInitialized(logger, store, e.Message);
                await Task.Delay(InitializeEvery, time, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadAll() => ReadAllAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken = default)
    {
        var alive = await leases.ListAsync(cancellationToken);
        var table = (await LoadAsync(cancellationToken)).Spec;
        return new([.. table.Silos.Select(row => ToEntry(row, alive))], ToVersion(table));
    }

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken = default)
    {
        var alive = await leases.ListAsync(cancellationToken);
        var table = (await LoadAsync(cancellationToken)).Spec;
        return Find(table, key) is { } row ? new(ToEntry(row, alive), ToVersion(table)) : new(ToVersion(table));
    }

    /// <inheritdoc/>
    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken = default) => TryChangeAsync(
        table => Etag(table.Version) != tableVersion.VersionEtag || Find(table, entry.SiloAddress) is not null
            ? null
            : table with { Version = tableVersion.Version, Silos = [.. table.Silos, MembershipRows.ToRow(entry, tableVersion.Version)] },
        cancellationToken);

    /// <inheritdoc/>
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    /// <inheritdoc/>
    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken = default) => TryChangeAsync(
        table => Etag(table.Version) != tableVersion.VersionEtag || Find(table, entry.SiloAddress) is not { } before || Etag(before.ChangedIn) != etag
            ? null
            : table with
            {
                Version = tableVersion.Version,
                Silos = [.. table.Silos.Select(row => ReferenceEquals(row, before) ? MembershipRows.ToRow(entry, tableVersion.Version, before) : row)],
            },
        cancellationToken);

    /// <inheritdoc/>
    public Task UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    /// <inheritdoc/>
    public async Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken = default)
    {
        // Orleans gives no more than address and time here.
        var row = (Known() is { } known ? Find(known, entry.SiloAddress) : null) ?? Find((await LoadAsync(cancellationToken)).Spec, entry.SiloAddress);
        if (row is null) return;
        var aliveAt = new DateTimeOffset(DateTime.SpecifyKind(entry.IAmAliveTime, DateTimeKind.Utc));
        await leases.RenewAsync(row.Name ?? row.Address, row.Address, aliveAt, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    /// <summary>Removes silos that are not Active and gave no sign of life since a time, and Leases of silos the table no longer knows.</summary>
    /// <param name="beforeDate">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken = default)
    {
        var alive = await leases.ListAsync(cancellationToken);
        await TryChangeAsync(
            table =>
            {
                OrleansSilo[] kept = [.. table.Silos.Where(row => !IsDefunct(ToEntry(row, alive).Item1, beforeDate))];
                return kept.Length == table.Silos.Count ? null : table with { Version = table.Version + 1, Silos = kept };
            },
            cancellationToken);

        var known = (await LoadAsync(cancellationToken)).Spec.Silos.Select(row => row.Address).ToHashSet(StringComparer.Ordinal);
        foreach (var lease in alive.Where(lease => lease.AliveAt < beforeDate && !known.Contains(lease.Holder)))
            await leases.DeleteAsync(lease, cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    /// <inheritdoc/>
    public async Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken = default)
    {
        if (!string.Equals(clusterId, store.ClusterId, StringComparison.Ordinal))
            throw new ArgumentException($"This table is that of cluster {store.ClusterId}.", nameof(clusterId));
        lock (_lock) _known = null;
        await store.DeleteAsync(cancellationToken);
        foreach (var lease in await leases.ListAsync(cancellationToken)) await leases.DeleteAsync(lease, cancellationToken);
    }

    private static bool IsDefunct(MembershipEntry entry, DateTimeOffset beforeDate) =>
        entry.Status != SiloStatus.Active && entry.StartTime < beforeDate.UtcDateTime && entry.IAmAliveTime < beforeDate.UtcDateTime;

    private static OrleansSilo? Find(OrleansClusterSpec table, SiloAddress address)
    {
        var text = MembershipRows.Address(address);
        return table.Silos.FirstOrDefault(row => string.Equals(row.Address, text, StringComparison.Ordinal));
    }

    private static Tuple<MembershipEntry, string> ToEntry(OrleansSilo row, IReadOnlyList<SiloLease> alive)
    {
        var lease = alive.FirstOrDefault(one => string.Equals(one.Holder, row.Address, StringComparison.Ordinal));
        return Tuple.Create(MembershipRows.ToEntry(row, lease?.AliveAt), Etag(row.ChangedIn));
    }

    private static TableVersion ToVersion(OrleansClusterSpec table) => new(table.Version, Etag(table.Version));

    private static string Etag(int version) => version.ToString(CultureInfo.InvariantCulture);

    private async Task<bool> TryChangeAsync(Func<OrleansClusterSpec, OrleansClusterSpec?> change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var seen = await LoadAsync(cancellationToken);
            if (change(seen.Spec) is not { } changed) return false;
            if (!await store.ReplaceAsync(seen, changed, cancellationToken)) continue;
            Remember(changed);
            return true;
        }

        return false;
    }

    private async Task<OrleansCluster> LoadAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var known = Known();
            var found = await store.ReadAsync(cancellationToken);
            if (found is not null && (known is null || found.Spec.Version >= known.Version))
            {
                Remember(found.Spec);
                return found;
            }

            if (known is null) throw new InvalidOperationException($"The OrleansCluster {store} is gone, and with it the list of silos: restart the silos.");
            await HealAsync(found, known, cancellationToken);
        }

        throw new InvalidOperationException($"The OrleansCluster {store} does not stand still.");
    }

    // Orleans takes no notice of a version older than its own, and a newcomer would see no one else: the table was deleted or
    // restored from a backup, and only the silos still know who they are. What they know is put back under a higher version.
    private async Task HealAsync(OrleansCluster? found, OrleansClusterSpec known, CancellationToken cancellationToken)
    {
        var healed = found is null ? known with { Version = known.Version + 1 } : MembershipRows.Join(known, found.Spec);
        var done = found is null ? await store.CreateAsync(healed, cancellationToken) : await store.ReplaceAsync(found, healed, cancellationToken);
        if (done) LogHealed(logger, store.ToString(), found?.Spec.Version, known.Version);
    }

    private OrleansClusterSpec? Known()
    {
        lock (_lock) return _known;
    }

    private void Remember(OrleansClusterSpec table)
    {
        lock (_lock)
        {
            if (_known is null || table.Version > _known.Version) _known = table;
        }
    }

    [LoggerMessage(EventId = 4000, Level = LogLevel.Warning, Message = "OrleansCluster {Name} had lost entries (version {Found}, known {Known}); they were written again")]
    private static partial void LogHealed(ILogger logger, string name, int? found, int known);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "OrleansCluster {Name} cannot be used yet, trying again: {Reason}")]
    private static partial void LogNotInitialized(ILogger logger, ClusterStore name, string reason);
}
