namespace NangoOrleans.Watching;

/// <summary>Decides which silo watches.</summary>
internal interface IElection
{
    /// <summary>Who holds the office, as last seen; null when nobody was seen.</summary>
    string? Holder { get; }

    /// <summary>True while it is this silo. It asks the clock: one that wakes after its deadline does not think that it still leads.</summary>
    bool IsHeld { get; }

    /// <summary>True when the predecessor of the newest term here gave the office back a moment before: hardly any time went by without a watcher.</summary>
    bool WasHandedOver { get; }

    /// <summary>Stands for election until stopped.</summary>
    /// <param name="lead">What to do with a term; its token is cancelled when the term is over. Never called twice at a time.</param>
    /// <param name="stop">Stops; the office is given back once <paramref name="lead"/> has returned.</param>
    Task RunAsync(Func<long, CancellationToken, Task> lead, CancellationToken stop);
}
