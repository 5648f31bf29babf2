using System.Collections.Concurrent;
using NangoOrleans.Clustering.Reminders;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>
/// The index as every silo reaches it: its own while it watches, else over the wire. Whatever stands in the way, the answer is "not
/// known": never "none" or "free".
/// </summary>
internal sealed partial class ActiveWatcher : IClaims, IReminderRows
{
    // An answer from memory. A silo that has just died must not hold up a run for longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A thousand integrations that meet the same refusal are one message.
    private static readonly TimeSpan DoubtRest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<EnvironmentId, DateTimeOffset> _doubted = new();
    private readonly Watcher _watcher;
    private readonly WatcherServiceClient _others;
    private readonly TimeProvider _time;
    private readonly ILogger<ActiveWatcher> _logger;

    public ActiveWatcher(Watcher watcher, WatcherServiceClient others, EnvironmentView view, TimeProvider time, ILogger<ActiveWatcher> logger)
    {
        (_watcher, _others, _time, _logger) = (watcher, others, time, logger);
        view.Doubted = Doubt;
    }

    /// <inheritdoc/>
    public ValueTask<ClaimAnswer> FindOwnerAsync(ClaimQuery query, CancellationToken cancellationToken) =>
        AskAsync(term => term.Index.FindOwner(query), service => service.FindOwner(query), new ClaimAnswer(Known: false, Owner: null), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReminderRow>?> ReadAllAsync()
    {
        var answer = await AskAsync(
            static term => term.Index.ListRetries(), static service => service.ListRetries(), new RetryList(Known: false, []), CancellationToken.None);
        return answer.Known ? [.. answer.Rows.Select(row => new ReminderRow(row.Key, row.DueAt))] : null;
    }

    /// <inheritdoc/>
    public async ValueTask<(bool Known, DateTimeOffset? DueAt)> ReadAsync(string key)
    {
        var integration = IntegrationKey.Parse(key);
        var answer = await AskAsync(term => term.Index.FindRetry(integration), service => service.FindRetry(integration), default, CancellationToken.None);
        return (answer.Known, answer.DueAt);
    }

    /// <summary>How the watcher is, wherever it is; not active when none answers.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<WatcherState> GetStateAsync(CancellationToken cancellationToken) =>
        AskAsync(static term => term.State, static service => service.GetState(), default, cancellationToken);

    private void Doubt(EnvironmentId environment)
    {
        var now = _time.GetUtcNow();
        if (_doubted.TryGetValue(environment, out var last) && now - last < DoubtRest) return;
        _doubted[environment] = now;
        _ = PassOnAsync();

        // Lost on the way, it comes again with the next failed call.
        async Task PassOnAsync() => await AskAsync(
            term =>
            {
                term.Doubt(environment);
                return true;
            },
            async service =>
            {
                await service.Doubt(environment);
                return true;
            },
            unknown: false,
            CancellationToken.None);
    }

    private async ValueTask<T> AskAsync<T>(Func<WatchTerm, T> here, Func<IWatcherService, Task<T>> there, T unknown, CancellationToken cancellationToken)
    {
        if (_watcher.Term is { } term) return here(term);
        try
        {
            return _others.Find() is { } service ? await there(service).WaitAsync(Patience, _time, cancellationToken) : unknown;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogUnreachable(_logger, e);
            return unknown;
        }
    }

    [LoggerMessage(EventId = 2040, EventName = "WatcherUnreachable", Level = LogLevel.Debug, Message = "The silo that watches does not answer")]
    private static partial void LogUnreachable(ILogger logger, Exception exception);
}
