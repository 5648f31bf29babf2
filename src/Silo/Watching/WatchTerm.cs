using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>
/// All that watches resources and Secrets and pokes, for one term: made anew with each, so that nothing of an earlier one is
/// believed. Two of them at once, in two silos, only cost double pokes.
/// </summary>
internal sealed class WatchTerm
{
    private readonly CoalescingDispatcher _dispatcher;
    private readonly EnvironmentHealth _health;
    private readonly IntegrationWatcher _watcher;
    private readonly DriftWatcher _drift;
    private readonly EnvironmentView _view;
    private readonly CancellationTokenSource _delivering = new();
    private readonly Task _delivery;

    /// <summary>Prepares a term.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="number">Number of the term, for logs.</param>
    public WatchTerm(IServiceProvider services, long number)
    {
        Number = number;
        _view = services.GetRequiredService<EnvironmentView>();
        _dispatcher = ActivatorUtilities.CreateInstance<CoalescingDispatcher>(services, number);
        _health = ActivatorUtilities.CreateInstance<EnvironmentHealth>(services, Index);
        _watcher = ActivatorUtilities.CreateInstance<IntegrationWatcher>(services, Index, _dispatcher, _health);
        _drift = ActivatorUtilities.CreateInstance<DriftWatcher>(services, Index, _dispatcher, _health);
        Changes = ActivatorUtilities.CreateInstance<EnvironmentChanges>(services, Index, _dispatcher, _health);
        _delivery = _dispatcher.RunAsync(_delivering.Token);
    }

    /// <summary>Number of the term; from 1.</summary>
    public long Number { get; }

    /// <summary>What this term knows; incomplete until everything was listed.</summary>
    public IntegrationIndex Index { get; } = new();

    /// <summary>Takes in changes of environment objects, which every silo sees by itself.</summary>
    public EnvironmentChanges Changes { get; }

    /// <summary>How it is.</summary>
    public WatcherState State => new(IsActive: true, Index.IsComplete, _watcher.DisconnectedFor, Number);

    /// <summary>A call with the token of an environment has failed.</summary>
    /// <param name="environment">Which.</param>
    public void Doubt(EnvironmentId environment) => _health.Doubt(environment);

    /// <summary>Watches until the term is over.</summary>
    /// <param name="over">The end of the term.</param>
    /// <exception cref="Exception">A part has failed for good.</exception>
    public async Task RunAsync(CancellationToken over)
    {
        using var parts = CancellationTokenSource.CreateLinkedTokenSource(over);
        Changes.Begin(parts.Token);
        _view.Listener = Changes;
        foreach (var environment in _view.All) _health.Look(environment.Id);
        try
        {
            await Task.WhenAll(Guard(_watcher.RunAsync), Guard(_drift.RunAsync), Guard(_health.RunAsync));
        }
        finally
        {
            _view.Listener = null;
        }

        // One part that has failed takes the others along.
        async Task Guard(Func<CancellationToken, Task> run)
        {
            try
            {
                await run(parts.Token);
            }
            catch
            {
                await parts.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>Delivers what was accepted before the term was over.</summary>
    /// <param name="limit">For how long at most; what is left is poked again by the next watcher.</param>
    /// <param name="time">The clock.</param>
    public async Task DrainAsync(TimeSpan limit, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(limit, time);
        await _dispatcher.DrainAsync(patience.Token);
        await _delivering.CancelAsync();
        // Not waited for longer: a worker may be in the middle of a call that nothing can cancel.
        await Task.WhenAny(_delivery, Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None));
    }
}
