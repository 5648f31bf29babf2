using System.Collections.Concurrent;
using System.Net;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Testing;

/// <summary>In which form a server says that a resourceVersion is too old.</summary>
public enum ExpiredForm
{
    /// <summary>HTTP status 410.</summary>
    Status,

    /// <summary>HTTP status 200 and an ERROR event.</summary>
    Event,
}

/// <summary>
/// Stands between an operator and an API server, counts what passes, and breaks it on demand. It has a TLS certificate
/// and a kubeconfig of its own; credentials pass through. A planned fault hits the next request that fits, once.
/// </summary>
public sealed class FaultProxy : IApiServer
{
    private readonly ConcurrentDictionary<FaultProxyRequest, int> _passed = new();
    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections = new();
    private readonly ConcurrentDictionary<HttpContext, FaultProxyRequest> _watches = new();
    private readonly List<PlannedFault> _planned = [];
    private readonly List<HeldRequests> _held = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FaultProxyCertificate _certificate = FaultProxyCertificate.Create(TimeProvider.System.GetUtcNow());
    private readonly FaultProxyForwarder _forwarder;
    private readonly WebApplication _app;
    private volatile bool _down;
    private TimeSpan _delay;

    private FaultProxy(KubernetesClientConfiguration upstream)
    {
        _forwarder = new FaultProxyForwarder(upstream);
        _app = Build();
    }

    /// <inheritdoc/>
    public Uri BaseUrl => new(_app.Urls.Single());

    /// <inheritdoc/>
    public string KubeconfigPath => _folder.In("kubeconfig");

    /// <summary>Watches open at this moment.</summary>
    public int OpenWatches => _watches.Count;

    /// <summary>Starts a proxy before a server.</summary>
    /// <param name="server">The server; its admin credential is put into the proxy's kubeconfig.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<FaultProxy> StartAsync(IApiServer server, CancellationToken cancellationToken) =>
        StartAsync(server.CreateClientConfiguration(), cancellationToken);

    /// <summary>Starts a proxy before a server.</summary>
    /// <param name="upstream">Address, trust and credential; a client certificate is presented by the proxy itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<FaultProxy> StartAsync(KubernetesClientConfiguration upstream, CancellationToken cancellationToken)
    {
        var proxy = new FaultProxy(upstream);
        await proxy._app.StartAsync(cancellationToken);
        await proxy.WriteKubeconfigAsync(upstream.AccessToken, cancellationToken);
        return proxy;
    }

    /// <summary>How many requests were let through to the server.</summary>
    /// <param name="verb">get, list, watch, create, update, patch, apply or delete; null for any.</param>
    /// <param name="resource">For instance <c>nangointegrations/status</c>; null for any.</param>
    public int Count(string? verb = null, string? resource = null) =>
        _passed.Where(p => (verb is null || p.Key.Verb == verb) && (resource is null || p.Key.Resource == resource)).Sum(p => p.Value);

    /// <summary>What was let through, each kind of request once; without names.</summary>
    public IReadOnlyCollection<FaultProxyRequest> Passed => [.. _passed.Where(p => p.Value > 0).Select(p => p.Key)];

    /// <summary>How many writes were let through, Leases left out ("zero writes at rest" does not count them).</summary>
    public int CountWrites() => _passed.Where(p => p.Key.IsWrite && p.Key.Resource is not ("leases" or "selfsubjectaccessreviews")).Sum(p => p.Value);

    /// <summary>Starts counting anew.</summary>
    public void ResetCounts() => _passed.Clear();

    /// <summary>Cuts every open watch, as a load balancer does.</summary>
    /// <returns>How many there were.</returns>
    public int CutWatches()
    {
        var open = _watches.Keys.ToList();
        foreach (var watch in open) watch.Abort();
        return open.Count;
    }

    /// <summary>Cuts every connection and refuses new ones until <see cref="BringUp"/>.</summary>
    public void TakeDown()
    {
        _down = true;
        foreach (var connection in _connections.Keys) connection.Abort();
    }

    /// <summary>Accepts connections again.</summary>
    public void BringUp() => _down = false;

    /// <summary>Holds every request back for this long before it is passed on; zero for none.</summary>
    /// <param name="delay">How long.</param>
    public void Delay(TimeSpan delay) => _delay = delay;

    /// <summary>Keeps back every fitting request, before the server sees it, until it is released.</summary>
    /// <param name="matches">Which requests.</param>
    public HeldRequests Hold(Func<FaultProxyRequest, bool> matches)
    {
        var held = new HeldRequests(matches);
        lock (_gate) _held.Add(held);
        return held;
    }

    /// <summary>Gives the next list half its body and then nothing.</summary>
    /// <param name="resource">Which lists; null for any.</param>
    /// <returns>Completes when it happened.</returns>
    public Task StallNextList(string? resource = null) =>
        Plan(FaultKind.StallBody, r => r.Verb == "list" && (resource is null || r.Resource == resource));

    /// <summary>Answers the next watch with 410.</summary>
    /// <param name="form">As what.</param>
    /// <param name="resource">Which watches; null for any.</param>
    /// <returns>Completes when it happened.</returns>
    public Task ExpireNextWatch(ExpiredForm form, string? resource = null) =>
        Plan(form == ExpiredForm.Status ? FaultKind.ExpireByStatus : FaultKind.ExpireByEvent, r => r.Verb == "watch" && (resource is null || r.Resource == resource));

    /// <summary>Lets the next fitting write through and cuts the connection instead of giving its answer.</summary>
    /// <param name="matches">Which write; null for any.</param>
    /// <returns>Completes when it happened.</returns>
    public Task DropAnswerOfNextWrite(Func<FaultProxyRequest, bool>? matches = null) =>
        Plan(FaultKind.DropAnswer, r => r.IsWrite && (matches is null || matches(r)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        TakeDown();
        await _app.DisposeAsync();
        _forwarder.Dispose();
        _certificate.Server.Dispose();
        _folder.Dispose();
        _stop.Dispose();
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.Use(Gate);
                listen.UseHttps(_certificate.Server);
            });
        });
        var app = builder.Build();
        app.Run(HandleAsync);
        return app;
    }

    private ConnectionDelegate Gate(ConnectionDelegate next) => async connection =>
    {
        _connections[connection] = true;
        try
        {
            if (_down) connection.Abort();
            else await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    };

    private Task Plan(FaultKind kind, Func<FaultProxyRequest, bool> matches)
    {
        var planned = new PlannedFault(kind, matches);
        lock (_gate) _planned.Add(planned);
        return planned.Happened;
    }

    private PlannedFault? Take(FaultProxyRequest request)
    {
        lock (_gate)
        {
            var found = _planned.Find(f => f.Matches(request));
            if (found is not null) _planned.Remove(found);
            return found;
        }
    }

    private HeldRequests? FindHold(FaultProxyRequest request)
    {
        lock (_gate) return _held.Find(held => held.Matches(request));
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        var request = FaultProxyRequest.Read(context.Request);
        var held = FindHold(request);
        var fault = Take(request);
        try
        {
            if (held is not null) await held.Gate.PassAsync(ended.Token);
            if (_delay > TimeSpan.Zero) await Task.Delay(_delay, TimeProvider.System, ended.Token);
            if (fault?.Kind is FaultKind.ExpireByStatus or FaultKind.ExpireByEvent) await ExpireAsync(context, fault.Kind, ended.Token);
            else await ForwardAsync(context, request, fault, held, ended.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // What breaks behind the proxy breaks before it, too.
            context.Abort();
        }
        finally
        {
            _watches.TryRemove(context, out _);
            fault?.SetHappened();
        }
    }

    private async Task ForwardAsync(HttpContext context, FaultProxyRequest request, PlannedFault? fault, HeldRequests? held, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(context, request with { Namespace = "", Name = "" }, cancellationToken);
        held?.Add(answer.StatusCode);
        if (request.Verb == "watch") _watches[context] = request;
        if (fault?.Kind == FaultKind.DropAnswer)
        {
            // Wait for the answer's end: only then has the server done it for certain.
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            context.Abort();
            return;
        }

        FaultProxyForwarder.CopyHead(answer, context.Response);
        if (fault?.Kind != FaultKind.StallBody)
        {
            await FaultProxyForwarder.CopyBodyAsync(answer, context.Response, cancellationToken);
            return;
        }

        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2), cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
        fault.SetHappened();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    // Counted before it is sent: whoever sees on the server what it did finds it counted.
    private async Task<HttpResponseMessage> SendAsync(HttpContext context, FaultProxyRequest kind, CancellationToken cancellationToken)
    {
        _passed.AddOrUpdate(kind, 1, (_, count) => count + 1);
        try
        {
            return await _forwarder.SendAsync(context, cancellationToken);
        }
        catch (HttpRequestException)
        {
            // No answer came: not counted.
            _passed.AddOrUpdate(kind, 0, (_, count) => count - 1);
            throw;
        }
    }

    private static async Task ExpireAsync(HttpContext context, FaultKind kind, CancellationToken cancellationToken)
    {
        const string Status = """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}""";
        context.Response.ContentType = "application/json";
        if (kind == FaultKind.ExpireByStatus) context.Response.StatusCode = StatusCodes.Status410Gone;
        await context.Response.WriteAsync(
            kind == FaultKind.ExpireByStatus ? Status : """{"type":"ERROR","object":""" + Status + "}\n", cancellationToken);
    }

    private Task WriteKubeconfigAsync(string? token, CancellationToken cancellationToken)
    {
        var authority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(_certificate.AuthorityPem));
        var user = string.IsNullOrEmpty(token) ? "{}" : $"{{token: {token}}}";
        return File.WriteAllTextAsync(
            KubeconfigPath,
            $$$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: proxy, cluster: {server: "{{{BaseUrl.GetLeftPart(UriPartial.Authority)}}}", certificate-authority-data: {{{authority}}}}}]
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy}}]
            current-context: proxy
            users: [{name: proxy, user: {{{user}}}}]

            """,
            cancellationToken);
    }
}
