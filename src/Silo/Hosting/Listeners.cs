using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using NangoOrleans.Configuration;

namespace NangoOrleans.Hosting;

/// <summary>
/// The HTTP listeners of the process. Each marks its connections, and requests are told apart by that mark:
/// a Host header, which the client chooses, cannot lead from one listener to the other.
/// </summary>
internal sealed class Listener
{
    private ListenOptions? _listen;

    /// <summary>The port in use, once the server has started.</summary>
    public int Port => _listen?.IPEndPoint?.Port ?? 0;

    /// <summary>Adds the listener to the server.</summary>
    /// <param name="kestrel">The server.</param>
    /// <param name="address">Address to listen on.</param>
    /// <param name="port">Port to listen on; 0 picks a free one.</param>
    public void AddTo(KestrelServerOptions kestrel, IPAddress address, int port) => kestrel.Listen(address, port, listen =>
    {
        _listen = listen;
        listen.Use(next => connection =>
        {
            connection.Features.Set(this);
            return next(connection);
        });
    });

    /// <summary>Gives the requests of this listener endpoints of their own.</summary>
    /// <param name="app">The application.</param>
    /// <param name="configure">Adds middleware and endpoints.</param>
    public void Map(IApplicationBuilder app, Action<IApplicationBuilder> configure) =>
        app.MapWhen(context => ReferenceEquals(context.Features.Get<Listener>(), this), configure);
}

/// <summary>The two listeners.</summary>
internal sealed class Listeners
{
    /// <summary>Health and metrics.</summary>
    public Listener Http { get; } = new();

    /// <summary>The Orleans Dashboard: on loopback it asks for no credential, elsewhere for one of the cluster.</summary>
    public Listener Dashboard { get; } = new();

    /// <summary>Sets both up.</summary>
    /// <param name="kestrel">The server.</param>
    /// <param name="options">All settings.</param>
    public void AddTo(KestrelServerOptions kestrel, OperatorOptions options)
    {
        kestrel.AddServerHeader = false;
        Http.AddTo(kestrel, options.ListenAddress!, options.Http.Port);
        Dashboard.AddTo(kestrel, options.Dashboard.ListenAddress!, options.Dashboard.Port);
    }
}
