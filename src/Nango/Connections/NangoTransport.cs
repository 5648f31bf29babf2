using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>One request, one answer: time limit, size limit, strict reading, failures, figures. Never repeats a request.</summary>
internal sealed class NangoTransport(
    NangoConnections connections,
    NangoMetrics metrics,
    IOptions<NangoClientOptions> options,
    TimeProvider time,
    IRateLimitObserver? limits = null)
{
    /// <summary>Nango's error objects have a few hundred bytes.</summary>
    private const int MaxErrorBytes = 64 * 1024;

    private readonly TimeSpan _timeout = options.Value.RequestTimeout;

    /// <summary>Sends a request.</summary>
    /// <returns>The answer; null for a refusal that is an ordinary answer of the call.</returns>
    /// <exception cref="FailureException">Anything else. Carries no inner exception: those of parsers and sockets may quote an answer.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public async Task<T?> SendAsync<T>(NangoEndpoint endpoint, NangoRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var message = Message(endpoint, request);
        using var timer = new CancellationTokenSource(_timeout, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var start = time.GetTimestamp();
        var outcome = "cancelled";
        try
        {
            using var response = await connections.For(endpoint).SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limited.Token);
            request.Answered?.Invoke(response.Headers.Date);
            outcome = $"{(int)response.StatusCode / 100}xx";
            if (limits is not null && RateLimitHeaders.Read(response.Headers, time.GetUtcNow()) is { } reading) limits.Observe(endpoint, reading);
            return response.IsSuccessStatusCode
                ? await ReadSuccessAsync(request, response, type, limited.Token)
                : await ReadRefusalAsync<T>(request.Call, response, limited.Token);
        }
        catch (Exception exception) when (TransportFailures.Covers(exception) && !cancellationToken.IsCancellationRequested)
        {
            var failure = TransportFailures.Classify(request.Call, exception, timer.IsCancellationRequested);
            outcome = failure.Reason == Reasons.Timeout ? "timeout" : "unreachable";
            throw new FailureException(failure);
        }
        catch (Exception exception) when (TransportFailures.Covers(exception))
        {
            outcome = "cancelled";
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            metrics.Record(request.Call, time.GetElapsedTime(start), outcome);
        }
    }

    private static HttpRequestMessage Message(NangoEndpoint endpoint, NangoRequest request)
    {
        var token = endpoint.RevealToken();
        // Checked here because the header's own parser quotes what it refuses.
        if (token.Length == 0 || token.Any(c => c is <= ' ' or > '~')) throw new FailureException(NangoFailures.TokenMalformed);
        var message = new HttpRequestMessage(request.Call.Method, new Uri(endpoint.BaseUrl + request.PathAndQuery, UriKind.Absolute));
        message.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(request.Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        }

        return message;
    }

    private static async Task<T> ReadSuccessAsync<T>(
        NangoRequest request, HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var status = (int)response.StatusCode;
        if (!IsJson(response))
            throw Unusable("The server did not answer in JSON: this is not Nango's API, check spec.nango_base_url.");
        try
        {
            if (response.Content.Headers.ContentLength > request.MaxBytes) throw new AnswerTooLargeException();
            await using var body = new LimitedStream(await response.Content.ReadAsStreamAsync(cancellationToken), request.MaxBytes);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw Malformed();
        }
        catch (AnswerTooLargeException)
        {
            throw Unusable($"Nango's answer is longer than {request.MaxBytes} bytes: check spec.nango_base_url, or raise the operator's limit.");
        }
        catch (JsonException)
        {
            throw Malformed();
        }

        FailureException Unusable(string text) => new(NangoFailures.UnusableSuccess(request.Call, status, text));
        FailureException Malformed() => new(NangoFailures.Malformed(request.Call) with { StatusCode = status });
    }

    private async Task<T?> ReadRefusalAsync<T>(NangoCall call, HttpResponseMessage response, CancellationToken cancellationToken)
        where T : class
    {
        var status = (int)response.StatusCode;
        var error = RefusalClassifier.NeedsBody(status) && IsJson(response) ? await ReadErrorAsync(response, cancellationToken) : null;
        var answer = new RefusedAnswer(status, error, RetryDelay.Read(response.Headers, time.GetUtcNow()));
        return RefusalClassifier.Classify(call, answer) is { } failure ? throw new FailureException(failure) : null;
    }

    private static async Task<ErrorData?> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = new LimitedStream(await response.Content.ReadAsStreamAsync(cancellationToken), MaxErrorBytes);
            return (await JsonSerializer.DeserializeAsync(body, NangoJson.Default.ErrorAnswer, cancellationToken))?.Error;
        }
        catch (Exception exception) when (exception is JsonException or AnswerTooLargeException)
        {
            return null;
        }
    }

    private static bool IsJson(HttpResponseMessage response) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);
}
