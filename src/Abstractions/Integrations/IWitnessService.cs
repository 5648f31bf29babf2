using Orleans.Services;

namespace NangoOrleans.Integrations;

/// <summary>What every silo remembers for the others.</summary>
[Alias("nango.IWitnessService")]
public interface IWitnessService : IGrainService
{
    /// <summary>Remembers something until it is forgotten, and tells its grain when its holder is gone.</summary>
    /// <param name="leftover">What to remember; replaces what is known of the same resource.</param>
    /// <param name="holder">The silo whose grain has it.</param>
    [Alias("Keep")]
    Task Keep(Leftover leftover, SiloAddress holder);

    /// <summary>Forgets it.</summary>
    /// <param name="uid">Uid of the resource.</param>
    [Alias("Forget")]
    Task Forget(string uid);
}
