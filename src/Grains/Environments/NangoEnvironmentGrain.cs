using Microsoft.Extensions.Logging;
using NangoOrleans.Failures;

namespace NangoOrleans.Environments;

/// <summary>What all integrations of an environment share in the whole cluster. It keeps nothing that could not be found out again.</summary>
[GrainType(GrainTypeName)]
public sealed partial class NangoEnvironmentGrain(EnvironmentAccess nango, ICredentialReader credentials, TimeProvider time, ILogger<NangoEnvironmentGrain> logger)
    : Grain, INangoEnvironmentGrain
{
    /// <summary>Name of the grain type in dashboard and traces; part of the contract between versions.</summary>
    public const string GrainTypeName = "nango-environment";

    private Task<Listed>? _listing;

    /// <inheritdoc/>
    public async Task<EnvironmentListing> List(EnvironmentCredential credential)
    {
        // Calls interleave at awaits only: nobody can come between these two lines.
        var listing = _listing is { IsCompleted: false } running ? running : _listing = ListAsync(credential);
        var (answer, began) = await listing;
        if (ReferenceEquals(_listing, listing)) _listing = null;
        return answer with { Age = time.GetElapsedTime(began) };
    }

    private async Task<Listed> ListAsync(EnvironmentCredential credential)
    {
        var (key, began) = (this.GetPrimaryKeyString(), time.GetTimestamp());
        try
        {
            var endpoint = await credentials.ReadAsync(credential, CancellationToken.None);
            if (!string.Equals(endpoint.EnvironmentKey, key, StringComparison.Ordinal)) return new(new EnvironmentListing { Moved = true }, began);
            var rows = await nango.CallAsync(endpoint, client => client.ListAsync(CancellationToken.None));
            LogListed(logger, key, rows.Count);
            return new(new EnvironmentListing { Integrations = [.. rows.Select(row => new ListedIntegration(row.UniqueKey, row.CreatedAt, row.UpdatedAt))] }, began);
        }
        catch (FailureException e)
        {
            LogNotListed(logger, key, e.Failure.Reason, e.Failure.Message);
            return new(new EnvironmentListing { Failure = e.Failure }, began);
        }
    }

    [LoggerMessage(EventId = 1100, EventName = "Listed", Level = LogLevel.Debug, Message = "Environment {Environment} listed: {Count} integrations")]
    private static partial void LogListed(ILogger logger, string environment, int count);

    [LoggerMessage(EventId = 1101, EventName = "NotListed", Level = LogLevel.Information, Message = "Environment {Environment} could not be listed: {Reason}: {Detail}")]
    private static partial void LogNotListed(ILogger logger, string environment, string reason, string detail);

    private readonly record struct Listed(EnvironmentListing Answer, long Began);
}
