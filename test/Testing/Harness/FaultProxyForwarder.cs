using System.Net;
using k8s;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace NangoOrleans.Testing;

/// <summary>Passes requests on to the real server and answers back, byte by byte as they come.</summary>
internal sealed class FaultProxyForwarder : IDisposable
{
    // These belong to one connection, not to the message.
    private static readonly HashSet<string> HopByHop =
        new(["Connection", "Host", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Content-Length"], StringComparer.OrdinalIgnoreCase);

    private readonly k8s.Kubernetes _client;
    private readonly HttpMessageInvoker _invoker;
    private readonly bool _authenticates;

    public FaultProxyForwarder(KubernetesClientConfiguration upstream)
    {
        // The library builds trust and client certificate; its handler is then used bare.
        SocketsHttpHandler? handler = null;
        upstream.FirstMessageHandlerSetup += created => handler = created;
        _client = new k8s.Kubernetes(upstream);
        _invoker = new HttpMessageInvoker(handler!, disposeHandler: false);
        _authenticates = string.IsNullOrEmpty(upstream.AccessToken);
    }

    /// <summary>Sends the request; the answer's body is still to be read.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var target = new Uri(_client.BaseUri.GetLeftPart(UriPartial.Authority) + request.Path.ToUriComponent() + request.QueryString.ToUriComponent());
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), target)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true) message.Content = new StreamContent(request.Body);
        foreach (var header in request.Headers.Where(h => !HopByHop.Contains(h.Key) && !h.Key.StartsWith(':')))
        {
            if (!message.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable()))
                message.Content?.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable());
        }

        if (_authenticates && _client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(message, cancellationToken);
        return await _invoker.SendAsync(message, cancellationToken);
    }

    /// <summary>Copies status and headers.</summary>
    public static void CopyHead(HttpResponseMessage answer, HttpResponse response)
    {
        response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(h => !HopByHop.Contains(h.Key)))
            response.Headers[header.Key] = header.Value.ToArray();
    }

    /// <summary>Copies the body as it comes.</summary>
    public static async Task CopyBodyAsync(HttpResponseMessage answer, HttpResponse response, CancellationToken cancellationToken)
    {
        await response.Body.FlushAsync(cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[32 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _invoker.Dispose();
        _client.Dispose();
    }
}
