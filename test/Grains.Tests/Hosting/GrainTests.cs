using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Hosting;

/// <summary>What tests of grains do. Each test has a resource of its own, named after what happens to it; unique_key and name are the same.</summary>
public abstract class GrainTests(GrainHost host) : IClassFixture<GrainHost>, IDisposable
{
    protected GrainHost Host { get; } = host;

    public void Dispose()
    {
        Host.Wire.Before = null;
        Host.Wire.After = null;
        GC.SuppressFinalize(this);
    }

    internal static IntegrationBuilder Named(string name) => An.Integration().Named(name).Spec(s => s with { UniqueKey = name });

    private protected NangoIntegration Put(string name) => Host.Cluster.Put(Named(name).Build());

    private protected void PutAt(string name, string token) => Host.Cluster.Put(Named(name).Spec(s => s with { NangoToken = SensitiveValue.FromLiteral(token) }).Build());

    private protected async Task CreateAsync(string name)
    {
        Put(name);
        await Host.PokeAsync(name);
        await Host.UntilStatusAsync(name, IntegrationPhase.Created);
        await Host.UntilRestingAsync(name, runs: 1);
    }

    private protected Task UntilNextAttemptAsync(string name) => GrainHost.UntilAsync(async () => (await Host.Integration(name).GetState()).NextAttempt is not null);

    // A new activation has not run yet.
    private protected Task UntilFreshAsync(string name) => GrainHost.UntilAsync(async () => await Host.Integration(name).GetState() is { Runs: 0, Uid: null });

    private protected void Before(string call, Func<Task> happens) => Host.Wire.Before = actual => actual == call ? happens() : Task.CompletedTask;

    private protected Stop HoldUp(string call)
    {
        var stop = new Stop();
        Before(call, stop.WaitAsync);
        return stop;
    }

    private protected sealed class Stop : IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously), _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);

        public Task WaitAsync()
        {
            _reached.TrySetResult();
            return _open.Task;
        }

        public void Dispose() => _open.TrySetResult();
    }
}
