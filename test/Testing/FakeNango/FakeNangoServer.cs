using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace NangoOrleans.FakeNango;

/// <summary>
/// A double of Nango's public REST API for integrations on a loopback port: same answers, same oddities, plus a journal, faults
/// and controls. State outlives <see cref="StopListeningAsync"/>, so an outage can be played.
/// </summary>
public sealed class FakeNangoServer : IAsyncDisposable
{
    // Injected delays end with the server; nothing else takes longer.
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(2);

    // As Node does: a client must drop idle connections earlier.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(61);

    private readonly FakeNangoOptions _options;
    private readonly RateLimiter _limiter;
    private readonly NangoApi _api;
    private WebApplication? _app;
    private CancellationTokenSource _stopping = new();
    private int _port;

    // Bound and not listening during an outage: nobody else gets the port.
    private Socket? _held;

    private FakeNangoServer(FakeNangoOptions options)
    {
        _options = options;
        _port = options.Port;
        _limiter = new(options.TimeProvider, options.RateLimitPerMinute, options.RateLimitWindow);
        State = new(options);
        Journal = new(options.JournalCapacity);
        Faults = new(options.RandomSeed);
        _api = new(State, _limiter, new(State, options, () => BaseUrl), new(() => BaseUrl));
    }

    /// <summary><c>http://127.0.0.1:PORT</c> (https with a certificate), without a final slash; stays the same over an outage.</summary>
    public string BaseUrl { get; private set; } = "";

    /// <summary>Keys, environments and what they hold.</summary>
    public NangoState State { get; }

    /// <summary>The calls received.</summary>
    public RequestJournal Journal { get; }

    /// <summary>The faults in force.</summary>
    public FaultSet Faults { get; }

    /// <summary>Points per window; null is off. Takes effect at the next call.</summary>
    public int? RateLimitPerMinute
    {
        get => _limiter.LimitPerMinute;
        set => _limiter.LimitPerMinute = value;
    }

    /// <summary>Length of a window: 60 s as in Nango, unless a test has no time for several of those. Takes effect at the next window.</summary>
    public TimeSpan RateLimitWindow
    {
        get => _limiter.Window;
        set => _limiter.Window = value;
    }

    /// <summary>Starts a server that listens when the task ends.</summary>
    public static async Task<FakeNangoServer> StartAsync(FakeNangoOptions options, CancellationToken cancellation = default)
    {
        var server = new FakeNangoServer(options);
        await server.ListenAsync(cancellation);
        return server;
    }

    /// <summary>Listens again on the same port after <see cref="StopListeningAsync"/>.</summary>
    public async Task ListenAsync(CancellationToken cancellation = default)
    {
        if (_app is not null)
            throw new InvalidOperationException("The fake Nango listens already");
        _stopping = new();
        var app = Build();
        _held?.Dispose();
        _held = null;
        await app.StartAsync(cancellation);
        _app = app;
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        _port = new Uri(address).Port;
        BaseUrl = $"{(_options.Certificate is null ? "http" : "https")}://127.0.0.1:{_port}";
    }

    /// <summary>Closes all connections; callers are refused until <see cref="ListenAsync"/>.</summary>
    public async Task StopListeningAsync()
    {
        if (!await StopAsync())
            return;
        _held = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _held.Bind(new IPEndPoint(IPAddress.Loopback, _port));
    }

    /// <summary>Forgets integrations, connections, journal, faults and the rate window; keys stay.</summary>
    public void Reset()
    {
        State.Clear();
        Journal.Clear();
        Faults.Clear();
        _limiter.Reset();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _held?.Dispose();
    }

    private async Task<bool> StopAsync()
    {
        if (_app is not { } app)
            return false;
        _app = null;
        await _stopping.CancelAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        _stopping.Dispose();
        return true;
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.KeepAliveTimeout = KeepAlive;
            kestrel.Listen(IPAddress.Loopback, _port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (_options.Certificate is { } certificate) listen.UseHttps(certificate);
            });
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownGrace);
        var app = builder.Build();
        var pipeline = new RequestPipeline(_api, State, Journal, Faults, _options, _stopping.Token);
        app.Use((http, next) =>
            http.GetEndpoint() is not null ? next(http)
            : ControlApi.Claims(http) ? ControlApi.RefuseAsync(http)
            : pipeline.InvokeAsync(http));
        new ControlApi(this).Map(app);
        return app;
    }

    // A server inside a test process must not take its signals.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
