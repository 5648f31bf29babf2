using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using Orleans.Concurrency;

namespace NangoOrleans.Watching;

/// <summary>Answers other silos from this one's index.</summary>
[Reentrant]
internal sealed class WatcherService(GrainId id, Silo silo, ILoggerFactory logging, Watcher watcher) : GrainService(id, silo, logging), IWatcherService
{
    /// <inheritdoc/>
    public Task<WatcherState> GetState() => Task.FromResult(watcher.Term?.State ?? default);

    /// <inheritdoc/>
    public Task<ClaimAnswer> FindOwner(ClaimQuery query) => Task.FromResult(watcher.Term?.Index.FindOwner(query) ?? default);

    /// <inheritdoc/>
    public Task<RetryList> ListRetries() => Task.FromResult(watcher.Term?.Index.ListRetries() ?? new RetryList(Known: false, []));

    /// <inheritdoc/>
    public Task<RetryAnswer> FindRetry(IntegrationKey key) => Task.FromResult(watcher.Term?.Index.FindRetry(key) ?? default);

    /// <inheritdoc/>
    public Task Doubt(EnvironmentId environment)
    {
        watcher.Term?.Doubt(environment);
        return Task.CompletedTask;
    }
}
