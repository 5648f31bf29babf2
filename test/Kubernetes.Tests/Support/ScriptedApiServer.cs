using System.Collections.Concurrent;
using System.Net;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace NangoOrleans.Kubernetes.Tests;

/// <summary>
/// Plays an API server answer by answer, for what a real one cannot be made to do. Lists and watches are answered
/// from two scripts; beyond its end a watch stays open and a list is empty.
/// </summary>
internal sealed class ScriptedApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();

    private ScriptedApiServer(WebApplication app) => _app = app;

    public ConcurrentQueue<Func<Answer, Task>> Lists { get; } = new();

    public ConcurrentQueue<Func<Answer, Task>> Watches { get; } = new();

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public Uri Url => new(_app.Urls.Single());

    public IReadOnlyList<SeenRequest> SeenLists => [.. Requests.Where(r => !r.IsWatch)];

    public IReadOnlyList<SeenRequest> SeenWatches => [.. Requests.Where(r => r.IsWatch)];

    public static async Task<ScriptedApiServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new ScriptedApiServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public KubernetesTransport Connect(TimeProvider? time = null) =>
        new(new KubernetesClientConfiguration { Host = Url.ToString() }, time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var seen = new SeenRequest(context.Request.Method, new Uri(context.Request.GetEncodedUrl()), context.Request.Headers.Accept.ToString());
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        var answer = new Answer(context, ended.Token);
        Requests.Enqueue(seen);
        try
        {
            if (seen.IsWatch) await (Watches.TryDequeue(out var watch) ? watch(answer) : answer.StayOpenAsync());
            else await (Lists.TryDequeue(out var list) ? list(answer) : answer.ListAsync("1"));
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }
}

internal sealed record SeenRequest(string Method, Uri Url, string Accept)
{
    public bool IsWatch => Query("watch") == "true";

    public string? Query(string name) =>
        System.Web.HttpUtility.ParseQueryString(Url.Query)[name];
}

/// <summary>One answer being written.</summary>
internal sealed class Answer(HttpContext context, CancellationToken ended)
{
    public CancellationToken Ended => ended;

    public async Task ListAsync(string version, params string[] items) => await ListPageAsync(version, "", items);

    public Task ListPageAsync(string version, string next, params string[] items) => TextAsync(
        $$"""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(',', items)}}]}""");

    public Task StatusAsync(int code, string reason, string? retryAfter = null)
    {
        context.Response.StatusCode = code;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        return TextAsync(Objects.Status(code, reason));
    }

    /// <summary>What a starting server says of every custom resource.</summary>
    public Task PlainNotFoundAsync()
    {
        context.Response.StatusCode = 404;
        return TextAsync("404 page not found\n");
    }

    public async Task EventAsync(string type, string @object) => await TextAsync($$"""{"type":"{{type}}","object":{{@object}}}""" + "\n");

    public async Task TextAsync(string text)
    {
        await context.Response.WriteAsync(text, ended);
        await context.Response.Body.FlushAsync(ended);
    }

    /// <summary>Sends the headers and then nothing.</summary>
    public async Task StayOpenAsync()
    {
        await context.Response.Body.FlushAsync(ended);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ended);
    }

    public void Reset() => context.Abort();
}
