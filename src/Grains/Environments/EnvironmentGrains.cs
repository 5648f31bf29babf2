using Microsoft.Extensions.Logging;

namespace NangoOrleans.Environments;

/// <inheritdoc cref="IEnvironmentGrains"/>
public sealed partial class EnvironmentGrains(IGrainFactory grains, ILogger<EnvironmentGrains> logger) : IEnvironmentGrains
{
    /// <inheritdoc/>
    public ValueTask<PermitLease> LeaseAsync(string environmentKey, PermitRequest request) => Of(environmentKey).Lease(request);

    /// <inheritdoc/>
    public async ValueTask<KnownProvider?> FindProviderAsync(string environmentKey, string name)
    {
        try
        {
            return await Of(environmentKey).FindProvider(name);
        }
        catch (Exception e)
        {
            // A silo that leaves may take the grain along: the server knows, too.
            LogUnreachable(logger, e, environmentKey);
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task KeepProviderAsync(string environmentKey, KnownProvider provider)
    {
        try
        {
            await Of(environmentKey).KeepProvider(provider);
        }
        catch (Exception e)
        {
            // Whoever asks next asks the server.
            LogUnreachable(logger, e, environmentKey);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<EnvironmentGrainState?> GetStateAsync(string environmentKey)
    {
        try
        {
            return await Of(environmentKey).GetState();
        }
        catch (Exception e)
        {
            LogUnreachable(logger, e, environmentKey);
            return null;
        }
    }

    private INangoEnvironmentGrain Of(string environmentKey) => grains.GetGrain<INangoEnvironmentGrain>(environmentKey);

    [LoggerMessage(EventId = 1110, EventName = "EnvironmentGrainUnreachable", Level = LogLevel.Debug, Message = "The grain of environment {Environment} could not be reached")]
    private static partial void LogUnreachable(ILogger logger, Exception exception, string environment);
}
