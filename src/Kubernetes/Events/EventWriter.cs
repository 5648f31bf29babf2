using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Creates an event, or raises the count of an equal one.</summary>
internal sealed class EventWriter(KubernetesTransport transport, TimeProvider time)
{
    /// <summary>An equal event within this time raises a count (client-go's figure).</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>Enough for every object of a storm; the server's answer fills in what was forgotten.</summary>
    private const int Capacity = 4096;

    private const int Attempts = 3;

    private readonly Dictionary<(string Namespace, string Name), (int Count, DateTimeOffset Last)> _written = [];

    /// <summary>Writes a notice; repeats it twice when the server is away.</summary>
    /// <exception cref="KubernetesRequestException">It could not be written.</exception>
    public async Task WriteAsync(EventNotice notice, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteOnceAsync(notice, cancellationToken);
                return;
            }
            catch (KubernetesRequestException e) when (attempt < Attempts && IsPassing(e.Error))
            {
                await Task.Delay(e.Error.RetryAfter ?? TimeSpan.FromSeconds(attempt), time, cancellationToken);
            }
        }
    }

    private static bool IsPassing(KubernetesError error) =>
        error.Kind is KubernetesErrorKind.Transient or KubernetesErrorKind.TooManyRequests;

    private async Task WriteOnceAsync(EventNotice notice, CancellationToken cancellationToken)
    {
        var key = (notice.KeptIn, notice.Name);
        if (_written.TryGetValue(key, out var before) && notice.Time - before.Last < Window
            && await TryCountAsync(notice, before.Count + 1, cancellationToken))
        {
            Remember(key, before.Count + 1, notice.Time);
            return;
        }

        var count = await CreateAsync(notice, cancellationToken);
        Remember(key, count, notice.Time);
    }

    private async Task<int> CreateAsync(EventNotice notice, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(HttpMethod.Post, EventsPath(notice), MediaTypes.Json, Body(notice), cancellationToken);
            return 1;
        }
        catch (KubernetesRequestException e) when (e.Error.Kind == KubernetesErrorKind.AlreadyExists)
        {
            // Another silo, or an earlier life of this one, has told the same: its count goes on.
            var count = await ReadCountAsync(notice, cancellationToken) + 1;
            return await TryCountAsync(notice, count, cancellationToken) ? count : 1;
        }
    }

    private async Task<bool> TryCountAsync(EventNotice notice, int count, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["count"] = count, ["lastTimestamp"] = KubernetesTimeConverter.Write(notice.Time) };
        try
        {
            await SendAsync(HttpMethod.Patch, EventPath(notice), MediaTypes.MergePatch, patch, cancellationToken);
            return true;
        }
        catch (KubernetesRequestException e) when (e.Error.Kind == KubernetesErrorKind.NotFound)
        {
            return false; // expired on the server: events live for an hour
        }
    }

    private Task<int> ReadCountAsync(EventNotice notice, CancellationToken cancellationToken) => transport.SendAsync(
        new(HttpMethod.Get, EventPath(notice), "events"),
        static json =>
        {
            var reader = new Utf8JsonReader(json);
            var found = JsonElement.ParseValue(ref reader);
            return found.TryGetProperty("count", out var count) && count.TryGetInt32(out var number) ? number : 1;
        },
        cancellationToken);

    private Task<bool> SendAsync(HttpMethod method, string path, string contentType, JsonObject body, CancellationToken cancellationToken) =>
        transport.SendAsync(
            new(method, path + "?fieldManager=" + NangoApi.FieldManager, "events")
            {
                Body = JsonSerializer.SerializeToUtf8Bytes(body),
                ContentType = contentType,
            },
            static _ => true,
            cancellationToken);

    private void Remember((string Namespace, string Name) key, int count, DateTimeOffset last)
    {
        if (_written.Count >= Capacity)
        {
            foreach (var old in _written.OrderBy(w => w.Value.Last).Take(Capacity / 2).Select(w => w.Key).ToList()) _written.Remove(old);
        }

        _written[key] = (count, last);
    }

    private static string EventsPath(EventNotice notice) => new ResourceType("", "v1", "events").CollectionPath(notice.KeptIn);

    private static string EventPath(EventNotice notice) => new ResourceType("", "v1", "events").ObjectPath(notice.KeptIn, notice.Name);

    // Without uid: to read it would need one more right.
    private static JsonObject NamespaceOf(EventNotice notice) =>
        new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["name"] = notice.About.Namespace };

    private static JsonObject Body(EventNotice notice) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Event",
        ["metadata"] = new JsonObject { ["name"] = notice.Name, ["namespace"] = notice.KeptIn },
        ["involvedObject"] = notice.OnNamespace ? NamespaceOf(notice) : new JsonObject
        {
            ["apiVersion"] = NangoApi.ApiVersion,
            ["kind"] = notice.Kind,
            ["namespace"] = notice.About.Namespace.Length > 0 ? notice.About.Namespace : null,
            ["name"] = notice.About.Name,
            ["uid"] = notice.About.Uid,
            ["resourceVersion"] = notice.About.ResourceVersion,
        },
        ["type"] = notice.Type,
        ["reason"] = notice.Reason,
        ["message"] = notice.Message,
        ["source"] = new JsonObject { ["component"] = NangoApi.FieldManager },
        ["reportingComponent"] = NangoApi.FieldManager,
        ["reportingInstance"] = "",
        ["firstTimestamp"] = KubernetesTimeConverter.Write(notice.Time),
        ["lastTimestamp"] = KubernetesTimeConverter.Write(notice.Time),
        ["count"] = 1,
    };
}
