using System.Collections.Concurrent;
using NangoOrleans.Failures;
using Polly;
using Polly.CircuitBreaker;

namespace NangoOrleans.Environments;

/// <summary>
/// A circuit breaker for each environment: when nearly everything fails, its resources wait for one probe to succeed instead of
/// each trying for itself. Waiting for it is no failure of the resource.
/// </summary>
public sealed class EnvironmentBreaker(TimeProvider time)
{
    // A single resource that Nango always answers with 500 must not stop the others: nearly all calls have to fail.
    private const double FailureRatio = 0.8;

    // One resource's own retries stay below this, so that its reason is told as it is.
    private const int MinimumCalls = 10;

    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30), FirstBreak = TimeSpan.FromSeconds(5), LongestBreak = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, ResiliencePipeline> _pipelines = new(StringComparer.Ordinal);

    /// <summary>Makes a call, unless the circuit is open.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="FailureException">As the call; or throttled, with the reason of the failure that opened the circuit.</exception>
    public async Task<T> ExecuteAsync<T>(string environmentKey, Func<Task<T>> call)
    {
        var pipeline = _pipelines.GetOrAdd(environmentKey, _ => Build());
        try
        {
            return await pipeline.ExecuteAsync(static async (state, _) => await state(), call);
        }
        catch (BrokenCircuitException e)
        {
            var cause = (e.InnerException as FailureException)?.Failure;
            throw new FailureException(new Failure(
                FailureKind.Throttled,
                cause?.Reason ?? Reasons.NangoUnavailable,
                $"Nearly every request to Nango has failed of late; waiting until one succeeds. The last one: {cause?.Message}",
                e.RetryAfter ?? FirstBreak));
        }
    }

    private ResiliencePipeline Build() => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = FailureRatio,
            MinimumThroughput = MinimumCalls,
            SamplingDuration = Sampling,
            BreakDurationGenerator = arguments => ValueTask.FromResult(BreakDuration(arguments.HalfOpenAttempts)),
            ShouldHandle = new PredicateBuilder().Handle<FailureException>(e => e.Failure.Kind == FailureKind.Transient),
        })
        .Build();

    private static TimeSpan BreakDuration(int probes)
    {
        var doubled = FirstBreak * Math.Pow(2, Math.Min(probes, 10));
        return doubled < LongestBreak ? doubled : LongestBreak;
    }
}
