using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using NangoOrleans.Configuration;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations;

namespace NangoOrleans.Watching;

public sealed class OutageWatcherTests : IAsyncDisposable
{
    private readonly RecordingGrains _integrations = new();
    private readonly States _states = new();
    private readonly IntegrationIndex _index = new() { IsComplete = true };
    private readonly CoalescingDispatcher _dispatcher;
    private readonly OutageWatcher _watcher;
    private readonly CancellationTokenSource _over = new();
    private Task _delivery = Task.CompletedTask;

    public OutageWatcherTests()
    {
        var view = new EnvironmentView();
        _dispatcher = new CoalescingDispatcher(_integrations, TimeProvider.System, NullLogger<CoalescingDispatcher>.Instance);
        // Only environment objects are looked after by it, and there are none here.
        var health = new EnvironmentHealth(view, null!, null!, null!, _index, new OperatorOptions(), TimeProvider.System, NullLogger<EnvironmentHealth>.Instance);
        _watcher = new OutageWatcher(_index, view, health, _dispatcher, _states, TimeProvider.System, NullLogger<OutageWatcher>.Instance);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_nothing_unsettled_nobody_is_asked()
    {
        Add("settled", "one", isSettled: true);

        await _watcher.LookAsync(Ct);

        Assert.Empty(_states.Asked);
    }

    [Fact]
    public async Task The_end_of_an_outage_wakes_those_who_waited_for_this_environment()
    {
        _delivery = _dispatcher.RunAsync(_over.Token);
        Add("waiting", "one");
        Add("settled", "one", isSettled: true);
        Add("elsewhere", "two");
        _states.Problems["one"] = new Failure(FailureKind.Throttled, Reasons.CircuitOpen, "It is away.", TimeSpan.FromSeconds(5));
        await _watcher.LookAsync(Ct);
        await _watcher.LookAsync(Ct);
        Assert.Equal(0, _dispatcher.Depth);
        Assert.Empty(_integrations.Told);

        _states.Problems.Clear();
        await _watcher.LookAsync(Ct);
        await _watcher.LookAsync(Ct);

        await UntilAsync(() => _dispatcher.Depth == 0);
        var (key, poke) = Assert.Single(_integrations.Told);
        Assert.Equal(("team/waiting", true), (key, poke.Recheck));
    }

    [Fact]
    public async Task An_environment_whose_grain_cannot_be_reached_is_asked_again()
    {
        _delivery = _dispatcher.RunAsync(_over.Token);
        Add("waiting", "one");
        _states.Problems["one"] = new Failure(FailureKind.Throttled, Reasons.CircuitOpen, "It is away.", TimeSpan.FromSeconds(5));
        await _watcher.LookAsync(Ct);
        _states.IsDown = true;
        await _watcher.LookAsync(Ct);
        _states.IsDown = false;
        _states.Problems.Clear();

        await _watcher.LookAsync(Ct);

        await UntilAsync(() => _integrations.Told.Count == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAny(_delivery);
        _over.Dispose();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
    }

    private void Add(string name, string environment, bool isSettled = false) => _index.Set(new IndexRow
    {
        Key = new IntegrationKey("team", name),
        Uid = name,
        ResourceVersion = "1",
        EnvironmentKey = environment,
        IsSettled = isSettled,
    });

    private sealed class States : IEnvironmentGrains
    {
        public ConcurrentDictionary<string, Failure> Problems { get; } = new(StringComparer.Ordinal);

        public ConcurrentQueue<string> Asked { get; } = new();

        public bool IsDown { get; set; }

        public ValueTask<EnvironmentGrainState?> GetStateAsync(string environmentKey)
        {
            Asked.Enqueue(environmentKey);
            return ValueTask.FromResult(IsDown ? null : new EnvironmentGrainState { Problem = Problems.GetValueOrDefault(environmentKey) });
        }

        public ValueTask<PermitLease> LeaseAsync(string environmentKey, PermitRequest request) => throw new NotSupportedException("Recovery is told without a permit.");

        public ValueTask<KnownProvider?> FindProviderAsync(string environmentKey, string name) => throw new NotSupportedException("Recovery is told without a provider.");

        public Task KeepProviderAsync(string environmentKey, KnownProvider provider) => throw new NotSupportedException("Recovery is told without a provider.");
    }
}
