using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace NangoOrleans.Health;

public sealed class HealthEndpointsTests
{
    [Fact]
    public async Task Readiness_names_every_reason_and_recovers()
    {
        var watching = new Check("The watch has not caught up.");
        var member = new Check("The silo is not in the cluster.");
        await using var server = await StartAsync(watching, member);

        var (unready, reasons) = await server.GetAsync("/readyz");
        var (alive, _) = await server.GetAsync("/healthz");
        watching.Ready = member.Ready = true;
        var (ready, _) = await server.GetAsync("/readyz");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.OK), (unready, alive, ready));
        Assert.Equal("The watch has not caught up.\nThe silo is not in the cluster.\n", reasons);
    }

    private static async Task<Server> StartAsync(params IReadinessCheck[] checks)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        foreach (var check in checks) builder.Services.AddSingleton(check);
        var app = builder.Build();
        app.UseRouting();
        app.MapHealth();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });
    }

    private sealed class Check(string reason) : IReadinessCheck
    {
        public bool Ready { get; set; }

        public bool IsReady(out string why)
        {
            why = Ready ? "" : reason;
            return Ready;
        }

        bool IReadinessCheck.IsReady(out string reason) => IsReady(out reason);
    }

    private sealed record Server(WebApplication App, HttpClient Client) : IAsyncDisposable
    {
        public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
        {
            using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await App.DisposeAsync();
        }
    }
}
