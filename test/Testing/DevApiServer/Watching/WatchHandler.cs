using System.Security.Cryptography;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Selecting;
using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Writing;

namespace NangoOrleans.Testing.ApiServer.Watching;

/// <summary>Serves one watch from the resource's event log.</summary>
internal sealed class WatchHandler(Cluster cluster, OpenWatches openWatches, TimeSpan bookmarkInterval)
{
    private readonly Cluster _cluster = cluster;
    private readonly TimeSpan _bookmarkInterval = bookmarkInterval;

    public async Task WatchAsync(ApiRequest request)
    {
        var shown = Representation.Of(request.Http.Request);
        var selection = Selection.Of(request);
        var plan = WatchPlan.Of(request);
        using var watch = openWatches.Open(request.Http);
        var session = new Session(this, request, selection, new WatchFrames(request.Type, shown, _cluster.Clock), plan);
        request.Http.Response.ContentType = Answer.Json;
        request.Http.Response.Headers.CacheControl = "no-cache, private";
        try
        {
            await request.Http.Response.Body.FlushAsync(watch.Ended);
            await session.RunAsync(watch.Ended);
        }
        catch (OperationCanceledException) when (watch.Ended.IsCancellationRequested)
        {
            // The client left, the server stops, or a fault cut the watch: nothing more to say.
        }
    }

    private sealed class Session(WatchHandler owner, ApiRequest request, Selection selection, WatchFrames frames, WatchPlan plan)
    {
        private readonly ResourceStore _store = owner._cluster.Store.Of(request.Type);
        private readonly TimeProvider _clock = owner._cluster.Clock;
        private long _position;

        public async Task RunAsync(CancellationToken ended)
        {
            var end = _clock.GetUtcNow() + plan.Timeout;
            var nextBookmark = _clock.GetUtcNow() + owner._bookmarkInterval;
            await BeginAsync(ended);
            while (_clock.GetUtcNow() < end && !_store.IsClosed)
            {
                if (_store.Read(_position) is not { } batch)
                {
                    await SendAsync([WatchFrames.Error(ApiException.Expired($"too old resource version: {_position} ({_store.CompactedRevision})"))], ended);
                    return;
                }

                await SendAsync([.. batch.Changes.Select(Translate).OfType<byte[]>()], ended);
                _position = batch.Changes.Count > 0 ? batch.Changes[^1].Revision : _position;
                if (plan.AllowBookmarks && _clock.GetUtcNow() >= nextBookmark)
                {
                    await BookmarkAsync(ended);
                    nextBookmark = _clock.GetUtcNow() + owner._bookmarkInterval;
                }

                await WaitAsync(batch.Changed, nextBookmark < end ? nextBookmark : end, ended);
            }
        }

        /// <summary>Sends what exists, unless the client named a version to resume from.</summary>
        private async Task BeginAsync(CancellationToken ended)
        {
            if (plan.ResumeFrom is { } version)
            {
                _position = version;
                return;
            }

            System.Collections.Immutable.ImmutableSortedDictionary<string, StoredObject> items;
            lock (owner._cluster.Store.Gate)
            {
                (items, _position) = (_store.Items, owner._cluster.Store.Revision);
            }

            if (plan.SendInitialEvents)
            {
                foreach (var chunk in items.Values.Where(selection.Matches).Chunk(200))
                {
                    await SendAsync([.. chunk.Select(item => frames.Event("ADDED", item))], ended);
                }
            }

            if (plan.EndInitialEvents)
            {
                await SendAsync([frames.Bookmark(_position, endsInitialEvents: true)], ended);
            }
        }

        private byte[]? Translate(Change change)
        {
            var isSeen = change.Type != ChangeType.Deleted && selection.Matches(change.Item);
            var wasSeen = change.Previous is not null && selection.Matches(change.Previous);
            return (wasSeen, isSeen) switch
            {
                (false, true) => frames.Event("ADDED", change.Item),
                (true, true) => frames.Event("MODIFIED", change.Item),
                (true, false) => frames.Event("DELETED", change.Item),
                _ => null,
            };
        }

        /// <summary>Tells the newest revision, after everything up to it was sent.</summary>
        private async Task BookmarkAsync(CancellationToken ended)
        {
            long revision;
            lock (owner._cluster.Store.Gate)
            {
                if (_store.Read(_position) is not { Changes.Count: 0 })
                {
                    return;
                }

                revision = Math.Max(_position, owner._cluster.Store.Revision);
            }

            _position = revision;
            await SendAsync([frames.Bookmark(revision, endsInitialEvents: false)], ended);
        }

        private async Task WaitAsync(Task changed, DateTimeOffset until, CancellationToken ended)
        {
            var pause = until - _clock.GetUtcNow();
            if (pause <= TimeSpan.Zero || changed.IsCompleted)
            {
                return;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(ended);
            await Task.WhenAny(changed, Task.Delay(pause, _clock, either.Token));
            await either.CancelAsync();
            ended.ThrowIfCancellationRequested();
        }

        private async Task SendAsync(IReadOnlyList<byte[]> lines, CancellationToken ended)
        {
            if (lines.Count == 0)
            {
                return;
            }

            var body = request.Http.Response.BodyWriter;
            foreach (var line in lines)
            {
                await body.WriteAsync(line, ended);
            }

            await body.FlushAsync(ended);
        }
    }
}

/// <summary>What a watch request asks for.</summary>
internal sealed record WatchPlan(long? ResumeFrom, bool SendInitialEvents, bool EndInitialEvents, bool AllowBookmarks, TimeSpan Timeout)
{
    private const int ShortestMinutes = 30;

    /// <exception cref="ApiException">The options contradict each other.</exception>
    public static WatchPlan Of(ApiRequest request)
    {
        var bookmarks = request.QueryFlag("allowWatchBookmarks");
        var asked = request.Query("sendInitialEvents");
        var version = request.QueryNumber("resourceVersion");
        if (asked is not null && request.Query("resourceVersionMatch") != "NotOlderThan")
        {
            throw ApiException.Invalid("meta.k8s.io", "ListOptions", "", [FieldError.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]);
        }

        var isExplicit = request.QueryFlag("sendInitialEvents");
        var resumes = version is > 0 && !isExplicit;
        var seconds = request.QueryNumber("timeoutSeconds") ?? (ShortestMinutes * 60) + RandomNumberGenerator.GetInt32(ShortestMinutes * 60);
        return new WatchPlan(resumes ? version : null, asked is null || isExplicit, isExplicit && bookmarks, bookmarks, TimeSpan.FromSeconds(seconds));
    }
}
