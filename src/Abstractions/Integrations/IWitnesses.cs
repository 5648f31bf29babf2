namespace NangoOrleans.Integrations;

/// <summary>The other silos, as a memory that outlives this one.</summary>
public interface IWitnesses
{
    /// <summary>Asks them to remember something until it is forgotten, and to tell its grain when this silo is gone. Never throws.</summary>
    /// <param name="leftover">What to remember.</param>
    /// <returns>True when at least one of them does.</returns>
    Task<bool> KeepAsync(Leftover leftover);

    /// <summary>It is told in a status, or removed. Never throws; who is not reached forgets it by itself after a while.</summary>
    /// <param name="uid">Uid of the resource.</param>
    Task ForgetAsync(string uid);
}
