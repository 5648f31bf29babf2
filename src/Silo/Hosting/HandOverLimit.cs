namespace NangoOrleans.Hosting;

/// <summary>
/// Bounds what a silo does once its grains are at rest. The grain directory keeps its entries until the silos that take them over
/// have fetched them; one that has just died never does, and until it is declared dead nobody tells. Entries that are not fetched
/// are found again as after a crash.
/// </summary>
internal sealed class HandOverLimit(TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>How long the hand-over may take. Among live silos it takes a second.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _over = new(Timeout.InfiniteTimeSpan, time);

    /// <summary>Cancelled when the stop is to end without further courtesy.</summary>
    public CancellationToken Over => _over.Token;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(HandOverLimit),
        ServiceLifecycleStage.GrainDirectoryShutdown,
        static _ => Task.CompletedTask,
        _ =>
        {
            _over.CancelAfter(Limit);
            return Task.CompletedTask;
        });

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();
}
