using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>
/// Writes core/v1 events in the background. Recording never waits and never fails: what does not fit the queue,
/// exceeds an object's allowance or is refused by the server is counted and logged.
/// </summary>
public sealed class EventRecorder : IEventRecorder, IAsyncDisposable
{
    /// <summary>The server takes a few hundred events a second: this holds the surplus of the largest storm we are held to.</summary>
    private const int QueueLength = 10_000;

    /// <summary>Time for what is queued when the process ends.</summary>
    private static readonly TimeSpan FlushDeadline = TimeSpan.FromSeconds(5);

    private readonly Channel<EventNotice> _queue = Channel.CreateBounded<EventNotice>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly CancellationTokenSource _stop = new();
    private readonly EventWriter _writer;
    private readonly TimeProvider _time;
    private readonly KubernetesMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Task _sender;
    private int _disposed;

    /// <summary>Starts the background sender.</summary>
    /// <param name="transport">Connection to the API server.</param>
    /// <param name="time">Clock of counts, allowances and the flush.</param>
    /// <param name="metrics">Counters.</param>
    /// <param name="logger">Says what was dropped.</param>
    public EventRecorder(
        KubernetesTransport transport, TimeProvider? time = null, KubernetesMetrics? metrics = null, ILogger<EventRecorder>? logger = null)
    {
        _time = time ?? TimeProvider.System;
        _metrics = metrics ?? new KubernetesMetrics();
        _logger = logger ?? NullLogger<EventRecorder>.Instance;
        _writer = new EventWriter(transport, _time);
        _sender = Task.Run(SendAllAsync);
    }

    /// <inheritdoc/>
    public void Record(NangoIntegration about, bool warning, string reason, string message) =>
        Record(NangoApi.IntegrationKind, about.Metadata, warning, reason, message);

    /// <inheritdoc/>
    public void Record(NangoEnvironment about, bool warning, string reason, string message) =>
        Record(about.Id.Kind, about.Metadata, warning, reason, message);

    /// <summary>Sends what is queued, for at most five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _queue.Writer.TryComplete();
        try
        {
            await _sender.WaitAsync(FlushDeadline, _time);
        }
        catch (TimeoutException)
        {
            EventLog.FlushAborted(_logger, _queue.Reader.Count);
        }

        await _stop.CancelAsync();
        await _sender;
        _stop.Dispose();
    }

    private void Record(string kind, ObjectMetadata about, bool warning, string reason, string message)
    {
        var notice = new EventNotice(
            kind,
            new(about.Namespace, about.Name, about.Uid, about.ResourceVersion),
            warning ? "Warning" : "Normal",
            reason,
            message.Length <= EventNotice.MessageLimit ? message : message[..EventNotice.MessageLimit],
            _time.GetUtcNow());
        if (!_queue.Writer.TryWrite(notice)) Drop(notice, "queue", null);
    }

    private async Task SendAllAsync()
    {
        var allowances = new EventAllowances(_time);
        try
        {
            await foreach (var notice in _queue.Reader.ReadAllAsync(_stop.Token))
            {
                if (allowances.TryTake(notice.About.Uid)) await SendAsync(notice);
                else Drop(notice, "allowance", null);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The flush had its time.
        }
    }

    private async Task SendAsync(EventNotice notice)
    {
        try
        {
            await _writer.WriteAsync(notice, _stop.Token);
        }
        catch (KubernetesRequestException e) when (IsNamespaceGoing(e.Error) && notice is { Type: "Warning", OnNamespace: false, Kind: NangoApi.IntegrationKind })
        {
            // What is left behind must not go unsaid because the namespace goes, too.
            await SendAsync(notice.ForNamespace());
        }
        catch (KubernetesRequestException e)
        {
            Drop(notice, e.Error.Kind == KubernetesErrorKind.Transient ? "unavailable" : "refused", e);
        }
    }

    // The last resource may have held the namespace: then it is gone by the time its event is written.
    private static bool IsNamespaceGoing(KubernetesError error) => error.IsNamespaceTerminating || error.Kind == KubernetesErrorKind.NotFound;

    private void Drop(EventNotice notice, string cause, Exception? exception)
    {
        _metrics.EventDropped(cause);
        EventLog.Dropped(_logger, notice.Reason, notice.About.Namespace, notice.About.Name, cause, exception);
    }
}
