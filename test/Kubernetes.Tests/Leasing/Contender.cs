using System.Collections.Concurrent;
using NangoOrleans.Kubernetes.Leasing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Leasing;

/// <summary>An elector at work that remembers its terms.</summary>
internal sealed class Contender : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly KubernetesTransport _transport;
    private int _active;

    public Contender(KubernetesTransport transport, LeaseOptions options, TimeProvider? time = null, Func<LeaseTerm, CancellationToken, Task>? lead = null)
    {
        _transport = transport;
        Elector = new LeaseElector(transport, options, time, new Random(1));
        Run = Elector.RunAsync(lead ?? LeadAsync, _stop.Token);
    }

    public LeaseElector Elector { get; }

    public Task Run { get; }

    public ConcurrentQueue<LeaseTerm> Terms { get; } = new();

    public bool IsActive => Volatile.Read(ref _active) > 0;

    /// <summary>Looks and renews ten times as often as a process; the Lease lasts so long that no slow machine costs a term.</summary>
    public static LeaseOptions Quick(string identity, string @namespace, int seconds = 30) => new()
    {
        Namespace = @namespace,
        Name = "watcher",
        Identity = identity,
        Duration = TimeSpan.FromSeconds(seconds),
        RenewDeadline = TimeSpan.FromSeconds(seconds) / 2,
        RetryPeriod = TimeSpan.FromMilliseconds(200),
        StopTimeout = TimeSpan.FromSeconds(seconds) / 2,
    };

    public static Contender Start(IApiServer server, LeaseOptions options, TimeProvider? time = null, Func<LeaseTerm, CancellationToken, Task>? lead = null) =>
        new(new KubernetesTransport(server.CreateClientConfiguration()), options, time, lead);

    public Task LeadsAsync(int terms = 1) => Until.TrueAsync(() => IsActive && Terms.Count == terms && Elector.IsHeld);

    public Task YieldedAsync() => Until.TrueAsync(() => !IsActive && !Elector.IsHeld);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _transport.Dispose();
        _stop.Dispose();
    }

    private async Task LeadAsync(LeaseTerm term, CancellationToken over)
    {
        Terms.Enqueue(term);
        Interlocked.Increment(ref _active);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, over);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }
}
