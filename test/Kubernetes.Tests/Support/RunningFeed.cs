using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Tests;

/// <summary>A feed at work, stopped at the end of the test.</summary>
internal sealed class RunningFeed : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly KubernetesTransport _transport;
    private readonly Task _run;

    private RunningFeed(KubernetesTransport transport, FeedOptions options, RecordingSink sink, TimeProvider? time, BodyParser<NangoIntegration>? parser)
    {
        _transport = transport;
        Sink = sink;
        Feed = new FeedFactory(transport, time, new Random(1)).Create(options, parser ?? NangoIntegrationParser.ParseRedacted, sink);
        _run = Feed.RunAsync(_stop.Token);
    }

    /// <summary>Impatient, so that tests do not wait.</summary>
    public static FeedOptions Impatient { get; } = new()
    {
        Resource = ResourceType.NangoIntegrations,
        BackoffStart = TimeSpan.FromMilliseconds(10),
    };

    public ResourceFeed<NangoIntegration> Feed { get; }

    public RecordingSink Sink { get; }

    public static RunningFeed Start(
        ScriptedApiServer server, FeedOptions? options = null, RecordingSink? sink = null, TimeProvider? time = null, BodyParser<NangoIntegration>? parser = null) =>
        Start(server.Connect(time), options, sink, time, parser);

    public static RunningFeed Start(
        KubernetesTransport transport, FeedOptions? options = null, RecordingSink? sink = null, TimeProvider? time = null, BodyParser<NangoIntegration>? parser = null) =>
        new(transport, options ?? Impatient, sink ?? new RecordingSink(), time, parser);

    /// <summary>Moves a fake clock on, a step at a time, until something has happened.</summary>
    /// <returns>How far it was moved.</returns>
    public static async Task<TimeSpan> AdvanceUntilAsync(FakeTimeProvider time, TimeSpan step, Func<bool> happened)
    {
        var start = time.GetUtcNow();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!happened())
        {
            time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }

        return time.GetUtcNow() - start;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _transport.Dispose();
        _stop.Dispose();
    }
}
