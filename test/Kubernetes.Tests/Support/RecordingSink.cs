using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Tests;

/// <summary>Writes down what a feed reports, one line an event, and lets a test wait for a line.</summary>
internal sealed class RecordingSink : IFeedSink<NangoIntegration>
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<NangoIntegration> _items = [];
    private readonly List<NangoIntegration?> _lasts = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IFeedIndex? Index { get; init; }

    /// <summary>Called before an upsert is taken; may throw.</summary>
    public Action<ObjectIdentity>? BeforeUpsert { get; set; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>For each deletion, what was last seen of the object.</summary>
    public IReadOnlyList<NangoIntegration?> Lasts
    {
        get
        {
            lock (_gate) return [.. _lasts];
        }
    }

    public IReadOnlyList<NangoIntegration> Items
    {
        get
        {
            lock (_gate) return [.. _items];
        }
    }

    /// <summary>Waits until a line was written so many times.</summary>
    public Task WaitForAsync(string line, int times = 1) => WaitForAsync(l => l == line, $"'{line}'", times);

    /// <summary>Waits until a line was written that begins so.</summary>
    public Task WaitForStartAsync(string start) => WaitForAsync(l => l.StartsWith(start, StringComparison.Ordinal), $"'{start}…'");

    /// <summary>Waits until so many lines fit; the text is for the message of a failure.</summary>
    public async Task WaitForAsync(Func<string, bool> fits, string text, int times = 1)
    {
        var patience = TimeSpan.FromSeconds(60);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_lines.Count(fits) >= times) return;
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(patience, TimeProvider.System, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{text} was not reported {times} times. Reported: {string.Join(" | ", Lines)}");
            }
        }
    }

    public ValueTask ListStartedAsync(CancellationToken cancellationToken) => WriteAsync("list");

    public ValueTask UpsertAsync(ObjectIdentity identity, NangoIntegration item, bool fromList, CancellationToken cancellationToken)
    {
        BeforeUpsert?.Invoke(identity);
        lock (_gate) _items.Add(item);
        return WriteAsync($"{(fromList ? "listed" : "upsert")} {identity.Name} {identity.Uid} {identity.ResourceVersion}");
    }

    public ValueTask BrokenAsync(BrokenObject broken, bool fromList, CancellationToken cancellationToken) =>
        WriteAsync($"broken {broken.Identity.Name} {broken.Identity.ResourceVersion} {broken.Problem}");

    public ValueTask DeleteAsync(ObjectIdentity identity, NangoIntegration? last, CancellationToken cancellationToken)
    {
        lock (_gate) _lasts.Add(last);
        return WriteAsync($"delete {identity.Name} {identity.Uid} {identity.ResourceVersion}");
    }

    public ValueTask SyncedAsync(CancellationToken cancellationToken) => WriteAsync("synced");

    public void Connected() => Write("connected");

    public void Disconnected(string reason) => Write("disconnected: " + reason);

    private ValueTask WriteAsync(string line)
    {
        Write(line);
        return ValueTask.CompletedTask;
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            _lines.Add(line);
            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
