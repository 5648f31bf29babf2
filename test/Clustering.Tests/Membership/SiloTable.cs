using Orleans.Runtime;

namespace NangoOrleans.Clustering.Tests.Membership;

/// <summary>A membership table as one silo uses it, for the time of one test.</summary>
internal sealed class SiloTable(IMembershipTable table)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task InitializeAsync() => table.InitializeMembershipTableAsync(true, Cancel);

    public Task<MembershipTableData> ReadAllAsync() => table.ReadAllAsync(Cancel);

    public Task<MembershipTableData> ReadRowAsync(SiloAddress silo) => table.ReadRowAsync(silo, Cancel);

    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion version) => table.InsertRowAsync(entry, version, Cancel);

    /// <summary>Inserts a row on top of what the table holds now.</summary>
    public async Task InsertAsync(MembershipEntry entry) =>
        Assert.True(await InsertRowAsync(entry, (await ReadAllAsync()).Version.Next()));

    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion version) => table.UpdateRowAsync(entry, etag, version, Cancel);

    /// <summary>What Orleans hands over at a heartbeat: address and time, and nothing else.</summary>
    public Task BeatAsync(MembershipEntry entry, DateTime aliveAt) =>
        table.UpdateIAmAliveAsync(new() { SiloAddress = entry.SiloAddress, IAmAliveTime = aliveAt }, Cancel);

    public Task CleanUpAsync(DateTimeOffset before) => table.CleanupDefunctSiloEntriesAsync(before, Cancel);

    public Task DeleteAsync(string clusterId) => table.DeleteMembershipTableEntriesAsync(clusterId, Cancel);
}
