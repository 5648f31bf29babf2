using NangoOrleans.Configuration;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>
/// Finds what was changed in Nango by hand: one list for each environment and interval, compared with the index. Only resources that
/// Nango shows otherwise are woken.
/// </summary>
internal sealed partial class DriftWatcher(
    IntegrationIndex index, CoalescingDispatcher dispatcher, EnvironmentHealth environments, IGrainFactory grains, ResyncOptions options, IElection election, TimeProvider time,
    ILogger<DriftWatcher> logger)
{
    // Environments that do not answer must not hold up the others.
    private const int ParallelPasses = 8;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    // A server error is tried once more before it is taken for a lasting one (a single integration of an unknown provider).
    private static readonly TimeSpan SecondTry = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterOutage = TimeSpan.FromSeconds(30);

    private readonly DriftSchedule _schedule = new(Random.Shared.NextDouble, election.WasHandedOver);
    private readonly HashSet<string> _serverErrors = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Compares until told to stop.</summary>
    /// <param name="stoppingToken">The end of the term.</param>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!index.IsComplete) continue;
                var due = _schedule.TakeDue(index.Environments(options.Interval), time.GetUtcNow());
                await Parallel.ForEachAsync(
                    due, new ParallelOptions { MaxDegreeOfParallelism = ParallelPasses, CancellationToken = stoppingToken },
                    async (pass, ct) => await PassAsync(pass.Key, pass.Every, pass.Previous, ct));
            }
        }
        catch (OperationCanceledException)
        {
            // The term is over.
        }
    }

    private async Task PassAsync(string environment, TimeSpan every, DateTimeOffset? previous, CancellationToken cancellationToken)
    {
        var begun = time.GetUtcNow();
        var rows = DueRows();
        if (rows.FirstOrDefault(row => row.Credential is not null)?.Credential is not { } credential) return;
        EnvironmentListing listing;
        try
        {
            listing = await grains.GetGrain<INangoEnvironmentGrain>(environment).List(credential).WaitAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogGrainFailed(logger, e, environment);
            TryAgain(AfterOutage);
            return;
        }

        if (listing.Integrations is { } listed)
        {
            lock (_lock) _serverErrors.Remove(environment);
            environments.Listed(environment);
            // Rows as they are now: those that changed while Nango answered say so.
            var drifted = Drift.Find(DueRows(), listed, time.GetUtcNow() - listing.Age).ToList();
            LogCompared(logger, environment, rows.Count, drifted.Count);
            await WakeAsync(drifted, cancellationToken);
            return;
        }

        switch (Judge(environment, listing))
        {
            case { } wait:
                TryAgain(wait);
                break;
            case null:
                LogOneByOne(logger, environment, rows.Count, listing.Failure?.Reason ?? Reasons.ObjectChanged);
                await WakeAsync(rows, cancellationToken);
                break;
        }

        void TryAgain(TimeSpan wait)
        {
            lock (_lock) _schedule.TryAgain(environment, previous, time.GetUtcNow() + wait);
        }

        List<IndexRow> DueRows() => [.. index.ComparableRows(environment).Where(row => Drift.IsDue(row, options.Interval, every, previous, begun))];
    }

    // How long to wait before the list is tried again; null when it will not help and each resource has to ask for itself.
    private TimeSpan? Judge(string environment, EnvironmentListing listing)
    {
        if (listing.Failure is not { Kind: not FailureKind.Terminal } failure) return null;
        if (failure.Kind == FailureKind.Throttled) return failure.RetryAfter ?? AfterOutage;
        if (!string.Equals(failure.Reason, Reasons.ServerError, StringComparison.Ordinal)) return AfterOutage;
        lock (_lock)
        {
            if (_serverErrors.Add(environment)) return SecondTry;
            _serverErrors.Remove(environment);
            return null;
        }
    }

    private async Task WakeAsync(IEnumerable<IndexRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows) await dispatcher.OfferAsync(row.Key, new IntegrationPoke { Recheck = true }, ReconcileLane.Resync, cancellationToken);
    }

    [LoggerMessage(EventId = 2010, EventName = "Compared", Level = LogLevel.Information, Message = "Environment {Environment} compared with Nango: {Compared} resources, {Drifted} of them look different there")]
    private static partial void LogCompared(ILogger logger, string environment, int compared, int drifted);

    [LoggerMessage(EventId = 2011, EventName = "ComparedOneByOne", Level = LogLevel.Warning, Message = "Environment {Environment} cannot be listed ({Reason}); its {Count} resources are compared one by one")]
    private static partial void LogOneByOne(ILogger logger, string environment, int count, string reason);

    [LoggerMessage(EventId = 2012, EventName = "EnvironmentUnreachable", Level = LogLevel.Warning, Message = "The grain of environment {Environment} could not be reached; trying again")]
    private static partial void LogGrainFailed(ILogger logger, Exception exception, string environment);
}
