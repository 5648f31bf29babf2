namespace NangoOrleans.Testing;

/// <summary>Holds whatever comes to it until it is opened, and nothing afterwards: what puts the steps of two parties into an order without a clock.</summary>
public sealed class HoldingGate
{
    // Far beyond what anything takes that is waited for here, even with both cores busy elsewhere.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;

    /// <summary>How many wait at this moment.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Lets go all that wait, and all that come.</summary>
    public void Open() => _opened.TrySetResult();

    /// <summary>Waits until so many wait at once.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">They do not come.</exception>
    public async Task UntilHeldAsync(int count, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (Held < count)
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience) throw new TimeoutException($"{Held} instead of {count} are held after {Patience}.");
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Waits until the gate is open.</summary>
    /// <param name="cancellationToken">Whoever waits has gone away.</param>
    public async Task PassAsync(CancellationToken cancellationToken)
    {
        if (_opened.Task.IsCompleted) return;
        Interlocked.Increment(ref _held);
        try
        {
            await _opened.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }
}
