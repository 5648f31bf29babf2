using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace NangoOrleans.Kubernetes;

/// <summary>What every feed of a process shares.</summary>
internal sealed record FeedEnvironment(TimeProvider Time, Random Random, KubernetesMetrics Metrics, ILogger Logger);

/// <summary>Makes feeds.</summary>
/// <param name="transport">Connection to the API server.</param>
/// <param name="time">Clock; the system's by default.</param>
/// <param name="random">Source of jitter; shared and thread-safe by default.</param>
/// <param name="metrics">Counters.</param>
/// <param name="loggers">Logs under the category <c>NangoOrleans.Kubernetes.ResourceFeed</c>.</param>
public sealed class FeedFactory(
    KubernetesTransport transport,
    TimeProvider? time = null,
    Random? random = null,
    KubernetesMetrics? metrics = null,
    ILoggerFactory? loggers = null)
{
    private readonly FeedEnvironment _environment = new(
        time ?? TimeProvider.System,
        random ?? Random.Shared,
        metrics ?? new KubernetesMetrics(),
        (loggers ?? NullLoggerFactory.Instance).CreateLogger("NangoOrleans.Kubernetes.ResourceFeed"));

    /// <summary>Makes a feed; it does nothing until <see cref="ResourceFeed{T}.RunAsync"/>.</summary>
    /// <typeparam name="T">The parsed object.</typeparam>
    /// <param name="options">What to look at.</param>
    /// <param name="parser">Reads one object, for instance <see cref="NangoIntegrationParser.ParseRedacted"/>.</param>
    /// <param name="sink">Receives what is seen.</param>
    public ResourceFeed<T> Create<T>(FeedOptions options, BodyParser<T> parser, IFeedSink<T> sink) =>
        new(transport, options, parser, sink, _environment);
}
