using System.Buffers;
using Microsoft.Extensions.Logging;

namespace NangoOrleans.Kubernetes;

/// <summary>
/// Lists a kind of resource and then watches it for as long as it runs, by the rules of client-go's reflector:
/// the resourceVersion moves on only after the sink has taken an event, a clean end is followed by a new watch and
/// not by a list, an expired resourceVersion leads to a list that is compared with what is known, and every failure
/// waits with backoff and jitter.
/// </summary>
/// <typeparam name="T">The parsed object.</typeparam>
public sealed class ResourceFeed<T>
{
    /// <summary>A watch that ends sooner, without an event, is a failure: it stops hot loops behind broken proxies.</summary>
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    private readonly KubernetesTransport _transport;
    private readonly FeedOptions _options;
    private readonly BodyParser<T> _parser;
    private readonly IFeedSink<T> _sink;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly KubernetesMetrics _metrics;
    private readonly ILogger _logger;
    private readonly FeedRequests _requests;
    private readonly FeedDelivery<T> _delivery;
    private readonly FeedBackoff _backoff;
    private readonly string _resource;
    private volatile FeedState _state = new(FeedPhase.Idle, false, false, null, 0, null);
    private string? _resourceVersion;
    private bool _everConnected;

    internal ResourceFeed(KubernetesTransport transport, FeedOptions options, BodyParser<T> parser, IFeedSink<T> sink, FeedEnvironment environment)
    {
        _transport = transport;
        _options = options;
        _parser = parser;
        _sink = sink;
        _time = environment.Time;
        _random = environment.Random;
        _metrics = environment.Metrics;
        _logger = environment.Logger;
        _requests = new FeedRequests(options);
        _delivery = new FeedDelivery<T>(sink, options.Namespace);
        _backoff = new FeedBackoff(options, _random);
        _resource = options.Resource.Plural;
    }

    /// <summary>What the feed is doing; safe to read from any thread.</summary>
    public FeedState State => _state;

    /// <summary>True once a complete list was delivered.</summary>
    public bool IsSynced => _state.IsSynced;

    /// <summary>When the API server last sent anything.</summary>
    public DateTimeOffset? LastContact => _state.LastContact;

    /// <summary>Runs until cancelled, and then returns. Never ends because of a failure.</summary>
    /// <param name="cancellationToken">Stops the feed.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_resourceVersion is null) await ListAsync(cancellationToken);
                await WatchAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                if (!await BackOffAsync(e, cancellationToken)) break;
            }
        }

        Change(_state with { Phase = FeedPhase.Idle, IsConnected = false });
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        Change(_state with { Phase = FeedPhase.Listing });
        await _sink.ListStartedAsync(cancellationToken);
        _delivery.BeginList();
        var (next, paged, count) = ("", true, 0);
        while (true)
        {
            Page page;
            try
            {
                page = await _transport.SendAsync(_requests.List(next, paged), ReadPage, cancellationToken);
            }
            catch (KubernetesRequestException e) when (next.Length > 0 && e.Error.Kind == KubernetesErrorKind.Expired)
            {
                // The rest of this snapshot is gone; one unpaged list cannot expire half way.
                FeedLog.ContinueTokenExpired(_logger, _resource, count);
                (next, paged, count) = ("", false, 0);
                _delivery.BeginList();
                continue;
            }

            Touch();
            foreach (var found in page.Objects) await _delivery.ListedAsync(found, cancellationToken);
            count += page.Objects.Count;
            next = page.Continue;
            if (next.Length > 0) continue;

            await FinishListAsync(page.ResourceVersion, count, cancellationToken);
            return;
        }
    }

    private async Task FinishListAsync(string resourceVersion, int count, CancellationToken cancellationToken)
    {
        var missing = await _delivery.FinishListAsync(cancellationToken);
        await _sink.SyncedAsync(cancellationToken);
        _resourceVersion = resourceVersion;
        _metrics.Listed(_resource);
        FeedLog.Listed(_logger, _resource, _options.Namespace ?? "*", count, missing, resourceVersion);
        Change(_state with { IsSynced = true, LastProblem = null });
    }

    private Page ReadPage(ReadOnlySpan<byte> body)
    {
        var page = ListPage.Read(body);
        var objects = new List<FeedObject<T>>(page.Items.Count);
        foreach (var range in page.Items)
        {
            if (FeedObject<T>.TryRead(body[range], _parser, out var found)) objects.Add(found);
            else FeedLog.NoMetadata(_logger, _resource);
        }

        return new(page.ResourceVersion, page.Continue, objects);
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        Change(_state with { Phase = FeedPhase.Watching });
        var started = _time.GetTimestamp();
        var events = 0;
        try
        {
            var duration = _options.WatchDuration * (1 + _random.NextDouble());
            using var response = await _transport.OpenAsync(_requests.Watch(_resourceVersion!, duration), cancellationToken);
            Connect();
            using var idle = new IdleLimit(_options.WatchIdleLimit ?? (duration + TimeSpan.FromSeconds(30)), _time, cancellationToken);
            await using var lines = new WatchLines(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await idle.GuardAsync(lines.ReadAsync))
            {
                Touch();
                while (lines.TryTake(out var line))
                {
                    events++;
                    await TakeAsync(line, cancellationToken);
                }
            }
        }
        finally
        {
            if (_time.GetElapsedTime(started) >= _options.HealthyAfter) _backoff.Reset();
        }

        if (events == 0 && _time.GetElapsedTime(started) < ShortWatch)
            throw new FeedFaultException(new("short", "The watch ended at once, without an event."));
        _metrics.Reconnected(_resource, "end");
    }

    private async ValueTask TakeAsync(ReadOnlySequence<byte> line, CancellationToken cancellationToken)
    {
        var taken = line.IsSingleSegment ? Read(line.FirstSpan) : ReadJoined(line);
        _metrics.Received(_resource, taken.Name);
        switch (taken.Kind)
        {
            case WatchEventKind.Added or WatchEventKind.Modified:
                await _delivery.UpsertAsync(taken.Object, fromList: false, cancellationToken);
                break;
            case WatchEventKind.Deleted:
                await _delivery.DeleteAsync(taken.Object.Identity, taken.Object.Item, cancellationToken);
                break;
            case WatchEventKind.Error:
                throw new KubernetesRequestException(taken.Error!, $"WATCH {_resource}");
            case WatchEventKind.Unknown:
                return;
            default:
                break;
        }

        var version = taken.Object.Identity.ResourceVersion;
        if (version.Length > 0) _resourceVersion = version;
    }

    private Taken ReadJoined(ReadOnlySequence<byte> line)
    {
        var length = (int)line.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length);
        line.CopyTo(joined);
        try
        {
            return Read(joined.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined, clearArray: true);
        }
    }

    private Taken Read(ReadOnlySpan<byte> json)
    {
        var line = WatchLine.Read(json);
        var body = json[line.Object];
        switch (line.Kind)
        {
            case WatchEventKind.Error:
                return new(line.Kind, default, KubernetesError.Classify(0, body));
            case WatchEventKind.Added or WatchEventKind.Modified or WatchEventKind.Deleted when FeedObject<T>.TryRead(body, _parser, out var found):
                return new(line.Kind, found, null);
            case WatchEventKind.Bookmark when ObjectHeader.TryRead(body, out var identity):
                return new(line.Kind, new(identity, default, null), null);
            default:
                FeedLog.NoMetadata(_logger, _resource);
                return new(WatchEventKind.Unknown, default, null);
        }
    }

    private async Task<bool> BackOffAsync(Exception e, CancellationToken cancellationToken)
    {
        var fault = FeedFault.From(e);
        if (fault.Relist) _resourceVersion = null;
        var wait = _backoff.Next(fault.RetryAfter);
        _metrics.Reconnected(_resource, fault.Reason);
        FeedLog.BackingOff(_logger, _resource, fault.Sentence, fault.Relist, wait, _backoff.Failures, fault.Reason == "receiver" ? e : null);
        Change(new(FeedPhase.BackingOff, _state.IsSynced, false, _state.LastContact, _backoff.Failures, fault.Sentence));
        try
        {
            _sink.Disconnected(fault.Sentence);
            await Task.Delay(wait, _time, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Connect()
    {
        if (_state.IsConnected && _everConnected)
        {
            Touch();
            return;
        }

        _everConnected = true;
        Change(_state with { IsConnected = true, LastContact = _time.GetUtcNow() });
        _sink.Connected();
    }

    private void Touch() => Change(_state with { LastContact = _time.GetUtcNow() });

    private void Change(FeedState state) => _state = state;

    private sealed record Page(string ResourceVersion, string Continue, IReadOnlyList<FeedObject<T>> Objects);

    private readonly record struct Taken(WatchEventKind Kind, FeedObject<T> Object, KubernetesError? Error)
    {
        public string Name => Kind.ToString();
    }
}
