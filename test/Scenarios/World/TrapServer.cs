using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NangoOrleans.Scenarios.World;

/// <summary>A server of an attacker on loopback: writes down every request whole, and answers as it is told.</summary>
public sealed class TrapServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = new();

    private TrapServer(WebApplication app) => _app = app;

    public string BaseUrl => _app.Urls.Single();

    public int Port => new Uri(BaseUrl).Port;

    /// <summary>Request lines with all headers and the body.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>What it answers; 404 unless told otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context =>
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    };

    public static async Task<TrapServer> StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        var trap = new TrapServer(app);
        app.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var headers = string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"));
            trap._requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}\n{headers}\n\n{await body.ReadToEndAsync(ct)}");
            await trap.Answer(context);
        });
        await app.StartAsync(ct);
        return trap;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
