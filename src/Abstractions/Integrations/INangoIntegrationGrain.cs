using Orleans.Concurrency;

namespace NangoOrleans.Integrations;

/// <summary>
/// One <c>NangoIntegration</c> resource: owns its reconcile state machine and its retry reminder.
/// Its key is <see cref="IntegrationKey"/> as text.
/// </summary>
[Alias("nango.INangoIntegrationGrain")]
public interface INangoIntegrationGrain : IGrainWithStringKey
{
    /// <summary>"Here is what I last saw; look again." Stores the newest snapshot and returns at once.</summary>
    /// <param name="poke">The newest snapshot, without sensitive values.</param>
    [AlwaysInterleave, Alias("Observe")]
    ValueTask Observe(IntegrationPoke poke);

    /// <summary>What the grain knows, for the dashboard and for tests; never a secret.</summary>
    [AlwaysInterleave, Alias("GetState")]
    Task<IntegrationGrainState> GetState();
}
