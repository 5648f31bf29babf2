using System.Collections.Concurrent;

namespace NangoOrleans.Testing.ApiServer.Watching;

/// <summary>The watches being served, so that they can be ended from outside.</summary>
internal sealed class OpenWatches(CancellationToken stopping)
{
    private readonly ConcurrentDictionary<Watch, bool> _watches = new();

    public int Count => _watches.Count;

    public Watch Open(HttpContext http)
    {
        var watch = new Watch(this, http, CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping));
        _watches[watch] = true;
        return watch;
    }

    /// <param name="abruptly">Reset the stream instead of ending the body in order.</param>
    public int CutAll(bool abruptly)
    {
        var cut = 0;
        foreach (var watch in _watches.Keys)
        {
            watch.Cut(abruptly);
            cut++;
        }

        return cut;
    }

    internal sealed class Watch(OpenWatches owner, HttpContext http, CancellationTokenSource ended) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _isDisposed;

        /// <summary>Cancelled when the client left, the server stops or the watch was cut.</summary>
        public CancellationToken Ended { get; } = ended.Token;

        public void Cut(bool abruptly)
        {
            lock (_gate)
            {
                if (_isDisposed)
                {
                    return;
                }

                if (abruptly)
                {
                    http.Abort();
                }

                ended.Cancel();
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isDisposed = true;
                owner._watches.TryRemove(this, out _);
                ended.Dispose();
            }
        }
    }
}
