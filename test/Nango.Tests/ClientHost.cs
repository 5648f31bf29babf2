using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Options;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

/// <summary>The client as the operator gets it, from a service provider.</summary>
internal sealed class ClientHost : IAsyncDisposable
{
    public const string Token = "5f0a7c1e-3c55-4f63-9d5c-2f1f5d5f9a01";

    private readonly ServiceProvider _services;

    public ClientHost(
        Action<NangoClientOptions>? configure = null,
        TimeProvider? time = null,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var services = new ServiceCollection();
        if (time is not null) services.AddSingleton(time);
        if (resolve is not null) services.AddSingleton(provider => new NangoConnections(
            provider.GetRequiredService<IOptions<NangoClientOptions>>(), provider.GetRequiredService<TimeProvider>(), resolve));
        services.AddNangoClient(options =>
        {
            options.UseProxy = false;
            // Generous, for a loaded machine; tests of time limits set their own.
            options.RequestTimeout = TimeSpan.FromSeconds(60);
            options.ConnectTimeout = TimeSpan.FromSeconds(30);
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider();
    }

    public NangoConnections Connections => _services.GetRequiredService<NangoConnections>();

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>A client of a server on loopback, allowed as an administrator would.</summary>
    public static (ClientHost Host, INangoClient Client) For(OddServer server, Action<NangoClientOptions>? configure = null, TimeProvider? time = null)
    {
        var host = new ClientHost(
            options =>
            {
                options.PrivateAddressOrigins.Add(server.BaseUrl);
                configure?.Invoke(options);
            },
            time);
        return (host, host.Client(server.BaseUrl));
    }

    public INangoClient Client(string baseUrl, string token = Token) =>
        _services.GetRequiredService<INangoClientFactory>().Create(new NangoEndpoint(baseUrl, token));

    public INangoClient ClientOf(NangoEndpoint endpoint) => _services.GetRequiredService<INangoClientFactory>().Create(endpoint);

    public static async Task<Failure> FailureOfAsync(Func<Task> act)
    {
        var thrown = await Assert.ThrowsAsync<FailureException>(act);
        Assert.Null(thrown.InnerException);
        Assert.EndsWith(".", thrown.Failure.Message, StringComparison.Ordinal);
        return thrown.Failure;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
