using Microsoft.Extensions.Logging;
using NangoOrleans.Environments.Budget;
using NangoOrleans.Failures;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Environments;

/// <summary>What all integrations of an environment share in the whole cluster. It keeps nothing that could not be found out again.</summary>
[GrainType(GrainTypeName)]
public sealed partial class NangoEnvironmentGrain(
    EnvironmentAccess nango,
    ICredentialReader credentials,
    [PersistentState(ProviderShelf.StateName)] IPersistentState<ProviderShelf> shelf,
    ReconcileOptions options,
    TimeProvider time,
    ILogger<NangoEnvironmentGrain> logger)
    : Grain, INangoEnvironmentGrain
{
    /// <summary>Name of the grain type in dashboard and traces; part of the contract between versions.</summary>
    public const string GrainTypeName = "nango-environment";

    private readonly RequestBudget _budget = new(options.RateReservePercent);
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

    /// <inheritdoc/>
    public ValueTask<PermitLease> Lease(PermitRequest request)
    {
        var (key, now) = (this.GetPrimaryKeyString(), time.GetUtcNow());
        var before = _budget.Problem(now);
        var lease = _budget.Lease(request, now);
        var after = _budget.Problem(now);
        if (before is not null && after is null) LogCircuitClosed(logger, key);
        if (before is null && after is not null) LogCircuitOpened(logger, key, after.Message);
        return ValueTask.FromResult(lease);
    }

    /// <inheritdoc/>
    public ValueTask<KnownProvider?> FindProvider(string name) => ValueTask.FromResult(shelf.State.Find(name, time.GetUtcNow()));

    /// <inheritdoc/>
    public async Task KeepProvider(KnownProvider provider)
    {
        var key = this.GetPrimaryKeyString();
        shelf.State.Put(provider, time.GetUtcNow());
        try
        {
            await shelf.WriteStateAsync();
        }
        catch (Exception e)
        {
            // The memory it was in went with a silo, or two writes met: this activation knows, another one asks the server.
            LogNotKept(logger, e, key);
        }
    }

    /// <inheritdoc/>
    public ValueTask<EnvironmentGrainState> GetState() =>
        ValueTask.FromResult(_budget.Describe(time.GetUtcNow()) with { Providers = shelf.State.Providers.Count });

    private async Task<Listed> ListAsync(EnvironmentCredential credential)
    {
        var (key, began) = (this.GetPrimaryKeyString(), time.GetTimestamp());
        try
        {
            var endpoint = await credentials.ReadAsync(credential, CancellationToken.None);
            if (!string.Equals(endpoint.EnvironmentKey, key, StringComparison.Ordinal)) return new(new EnvironmentListing { Moved = true }, began);
            var rows = await nango.CallAsync(endpoint, RequestTurn.Own, client => client.ListAsync(CancellationToken.None));
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

    [LoggerMessage(EventId = 1102, EventName = "CircuitOpened", Level = LogLevel.Warning, Message = "Environment {Environment} is not asked for the time being: {Detail}")]
    private static partial void LogCircuitOpened(ILogger logger, string environment, string detail);

    [LoggerMessage(EventId = 1103, EventName = "CircuitClosed", Level = LogLevel.Information, Message = "Environment {Environment} answers again")]
    private static partial void LogCircuitClosed(ILogger logger, string environment);

    [LoggerMessage(EventId = 1104, EventName = "ProviderNotKept", Level = LogLevel.Debug, Message = "A provider of environment {Environment} could not be kept in grain storage")]
    private static partial void LogNotKept(ILogger logger, Exception exception, string environment);

    private readonly record struct Listed(EnvironmentListing Answer, long Began);
}
