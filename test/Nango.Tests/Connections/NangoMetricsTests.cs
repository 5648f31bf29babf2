using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace NangoOrleans.Nango.Tests;

public sealed class NangoMetricsTests
{
    [Fact]
    public async Task Every_request_is_counted_by_method_route_and_outcome_and_no_key()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var server = await OddServer.StartAsync(context =>
        {
            if (context.Request.Method == "DELETE") context.Abort();
            context.Response.StatusCode = context.Request.Method == "POST" ? 500 : 404;
            return Task.CompletedTask;
        });
        var (host, client) = ClientHost.For(server);
        await using var _ = host;
        var seen = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter is { Name: "NangoOrleans.Nango" } && ReferenceEquals(instrument.Meter.Scope, host.Meters)) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, seconds, tags, _) =>
        {
            Assert.InRange(seconds, 0, 600);
            seen.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
        });
        listener.Start();

        await ClientHost.FailureOfAsync(() => client.GetAsync("github-1", includeCredentials: true, stop));
        await ClientHost.FailureOfAsync(() => client.CreateAsync(Calls.Creation, stop));
        await ClientHost.FailureOfAsync(() => client.DeleteAsync("github-1", stop));

        string[] expected =
        [
            "nango.request.duration http.request.method=GET url.template=/integrations/{uniqueKey} outcome=4xx",
            "nango.request.duration http.request.method=POST url.template=/integrations outcome=5xx",
            "nango.request.duration http.request.method=DELETE url.template=/integrations/{uniqueKey} outcome=unreachable",
        ];
        Assert.Equal(expected, seen);
    }
}
