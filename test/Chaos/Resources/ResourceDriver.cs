using System.Collections.Concurrent;

namespace NangoOrleans.Chaos;

/// <summary>Does to the resources what the plan says: in order for each of them, side by side for all.</summary>
public sealed class ResourceDriver(ResourceApi api, ChaosPlan plan) : IDisposable
{
    // As many as kubectl and its like would have under way.
    private readonly SemaphoreSlim _room = new(16);
    private readonly ConcurrentDictionary<string, int> _deletedWhenCreated = new(StringComparer.Ordinal);

    /// <summary>For each resource, how many of its lifetimes were ended while the operator said Created.</summary>
    public IReadOnlyDictionary<string, int> DeletedWhenCreated => _deletedWhenCreated;

    /// <summary>Runs the whole plan.</summary>
    /// <param name="started">Timestamp of the start.</param>
    /// <param name="ct">Gives up.</param>
    public Task RunAsync(long started, CancellationToken ct) =>
        Task.WhenAll(plan.Events.GroupBy(e => e.Name, StringComparer.Ordinal).Select(life => LiveAsync([.. life], started, ct)));

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private async Task LiveAsync(IReadOnlyList<ResourceEvent> life, long started, CancellationToken ct)
    {
        var isDeleted = false;
        foreach (var step in life)
        {
            await Pause.UntilAsync(step.At, started, ct);

            // An edit of an object on its way out would go with it.
            if (isDeleted) await api.UntilGoneAsync(step.Name, ct);
            await _room.WaitAsync(ct);
            try
            {
                isDeleted = step.Action == ResourceAction.Delete;
                if (!isDeleted) await api.ApplyAsync(step.Name, step.Revision, ct);
                else if (await api.DeleteAsync(step.Name, ct)) _deletedWhenCreated.AddOrUpdate(step.Name, 1, (_, count) => count + 1);
            }
            finally
            {
                _room.Release();
            }
        }
    }
}

/// <summary>Waits for a moment of the plan.</summary>
internal static class Pause
{
    public static Task UntilAsync(TimeSpan at, long started, CancellationToken ct)
    {
        var left = at - TimeProvider.System.GetElapsedTime(started);
        return left > TimeSpan.Zero ? Task.Delay(left, TimeProvider.System, ct) : Task.CompletedTask;
    }
}
