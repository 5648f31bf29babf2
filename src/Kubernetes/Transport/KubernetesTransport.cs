using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using k8s;

namespace NangoOrleans.Kubernetes;

/// <summary>Reads a value from a UTF-8 body; the memory is only valid during the call.</summary>
/// <typeparam name="T">What is read.</typeparam>
/// <param name="json">UTF-8 JSON.</param>
public delegate T BodyParser<out T>(ReadOnlySpan<byte> json);

/// <summary>
/// Raw requests to the API server: the client library's configuration, credentials and certificates, but own
/// streaming, because the library parses bodies synchronously and cannot be cancelled while a body stalls.
/// </summary>
public sealed class KubernetesTransport : IDisposable
{
    /// <summary>No single object or list page is near this; it only bounds what a broken proxy can make us hold.</summary>
    private const int BodyLimit = 256 * 1024 * 1024;

    /// <summary>A <c>Status</c> object is small; more of an error body is of no use.</summary>
    private const int ErrorBodyLimit = 16 * 1024;

    /// <summary>A dead connection is noticed after delay + timeout, instead of the library's 3.5 min.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(20), PingTimeout = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    private readonly k8s.Kubernetes _client;
    private readonly string? _hostHeader;
    private readonly TimeProvider _time;
    private readonly KubernetesMetrics _metrics;

    /// <summary>Opens nothing yet; the first request connects.</summary>
    /// <param name="configuration">From <see cref="KubernetesConnection.Load(string?)"/>; owned by the transport from now on.</param>
    /// <param name="time">Clock of timeouts and waits.</param>
    /// <param name="metrics">Counters.</param>
    public KubernetesTransport(KubernetesClientConfiguration configuration, TimeProvider? time = null, KubernetesMetrics? metrics = null)
    {
        _time = time ?? TimeProvider.System;
        _metrics = metrics ?? new KubernetesMetrics();
        SocketsHttpHandler? handler = null;
        configuration.FirstMessageHandlerSetup += created => handler = created;
        try
        {
            _client = new k8s.Kubernetes(configuration);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new KubernetesConnectionException("The kubeconfig names no usable cluster address, certificate or credential.", e);
        }

        Configure(handler ?? throw new InvalidOperationException("The client library did not hand over its handler."), configuration);
        BaseUri = _client.BaseUri;
        DefaultNamespace = configuration.Namespace;
        _hostHeader = string.IsNullOrEmpty(configuration.TlsServerName) ? null : configuration.TlsServerName;
    }

    /// <summary>Address of the API server.</summary>
    public Uri BaseUri { get; }

    /// <summary>Namespace of the kubeconfig's context or of the pod; null when there is none.</summary>
    public string? DefaultNamespace { get; }

    /// <summary>Sends a request and reads the whole answer within <see cref="KubernetesRequest.Timeout"/>.</summary>
    /// <param name="request">What to send. A GET is repeated after 429 or 503 with Retry-After while its time lasts.</param>
    /// <param name="parse">Reads the body.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KubernetesRequestException">The server refused, did not answer in time, or answered something unreadable.</exception>
    public async Task<T> SendAsync<T>(KubernetesRequest request, BodyParser<T> parse, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(request.Timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var started = _time.GetTimestamp();
        try
        {
            while (true)
            {
                try
                {
                    return await SendOnceAsync(request, parse, linked.Token);
                }
                catch (KubernetesRequestException e) when (MayRepeat(request, e.Error, _time.GetElapsedTime(started)))
                {
                    await Task.Delay(e.Error.RetryAfter ?? DefaultRetryAfter, _time, linked.Token);
                }
            }
        }
        catch (KubernetesRequestException e)
        {
            Count(request, e);
            throw;
        }
        catch (Exception e) when (Translate(e, request, timeout.IsCancellationRequested, cancellationToken) is { } translated)
        {
            throw Count(request, translated);
        }
    }

    /// <summary>Sends a request and returns once the headers are here; for watches, whose body is read by the caller.</summary>
    /// <param name="request">What to send; <see cref="KubernetesRequest.Timeout"/> bounds the wait for headers only.</param>
    /// <param name="cancellationToken">Gives up, also while the body is read.</param>
    /// <exception cref="KubernetesRequestException">The server refused or did not answer in time.</exception>
    public async Task<HttpResponseMessage> OpenAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(request.Timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await OpenOnceAsync(request, linked.Token);
        }
        catch (KubernetesRequestException e)
        {
            Count(request, e);
            throw;
        }
        catch (Exception e) when (Translate(e, request, timeout.IsCancellationRequested, cancellationToken) is { } translated)
        {
            throw Count(request, translated);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private KubernetesRequestException Count(KubernetesRequest request, KubernetesRequestException e)
    {
        _metrics.Failed(request.Method.Method, request.Resource, e.Error.Kind);
        return e;
    }

    private static bool MayRepeat(KubernetesRequest request, KubernetesError error, TimeSpan elapsed) =>
        request.Method == HttpMethod.Get
        && (error.Kind == KubernetesErrorKind.TooManyRequests || (error.StatusCode == 503 && error.RetryAfter is not null))
        && elapsed + (error.RetryAfter ?? DefaultRetryAfter) < request.Timeout;

    private async Task<T> SendOnceAsync<T>(KubernetesRequest request, BodyParser<T> parse, CancellationToken cancellationToken)
    {
        using var response = await OpenOnceAsync(request, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var hint = (int)Math.Min(response.Content.Headers.ContentLength ?? 0, 4 * 1024 * 1024) + 1;
        using var body = await PooledBody.ReadAsync(stream, hint, BodyLimit, truncate: false, cancellationToken);
        return parse(body.Span);
    }

    private async Task<HttpResponseMessage> OpenOnceAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        using var message = await BuildAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Get) _metrics.Wrote(request.Method.Method, request.Resource);
        var response = await _client.HttpClient.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            throw new KubernetesRequestException(await ReadErrorAsync(response, cancellationToken), request.ToString());
        }
    }

    private async Task<HttpRequestMessage> BuildAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(request.Method, new Uri(BaseUri.ToString().TrimEnd('/') + request.Path))
        {
            Version = BaseUri.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        message.Headers.TryAddWithoutValidation("User-Agent", "nango-integration-operator");
        if (_hostHeader is not null) message.Headers.Host = _hostHeader;
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType);
        }

        if (_client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(message, cancellationToken);
        return message;
    }

    private async Task<KubernetesError> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var body = await PooledBody.ReadAsync(stream, ErrorBodyLimit, ErrorBodyLimit, truncate: true, cancellationToken);
        return KubernetesError.Classify((int)response.StatusCode, body.Span, RetryAfter(response.Headers.RetryAfter));
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > _time.GetUtcNow() => date - _time.GetUtcNow(),
        _ => null,
    };

    /// <summary>Turns what can go wrong below us into one exception type; null leaves the exception alone (the caller gave up, or a defect).</summary>
    private static KubernetesRequestException? Translate(Exception e, KubernetesRequest request, bool timedOut, CancellationToken cancellationToken) => e switch
    {
        _ when cancellationToken.IsCancellationRequested => null,
        OperationCanceledException when timedOut =>
            new(NoAnswer, request.ToString(), new TimeoutException($"No complete answer within {request.Timeout.TotalSeconds} s.")),
        HttpRequestException or IOException or InvalidDataException or OperationCanceledException => new(NoAnswer, request.ToString(), e),
        System.Text.Json.JsonException => new(NoAnswer, request.ToString()),
        _ => null,
    };

    private static KubernetesError NoAnswer => new(KubernetesErrorKind.Transient, null, "");

    private static void Configure(SocketsHttpHandler handler, KubernetesClientConfiguration configuration)
    {
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.KeepAlivePingDelay = PingDelay;
        handler.KeepAlivePingTimeout = PingTimeout;
        handler.EnableMultipleHttp2Connections = true;
        handler.ConnectTimeout = TimeSpan.FromSeconds(15);
        if (configuration.SkipTlsVerify || configuration.SslCaCerts is not { Count: > 0 } authorities) return;

        // The library's own check accepts any host name once the chain is known; the platform's does not.
        handler.SslOptions.RemoteCertificateValidationCallback = null;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        handler.SslOptions.CertificateChainPolicy = policy;
    }
}
