using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Chaos;
using NangoOrleans.Testing.ApiServers;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Scenarios.Cluster;

/// <summary>Retries outlive the silos that arranged them: the time in status is all there is.</summary>
public sealed class RetryScenarios
{
    // All silos are exchanged before the first retry is due; after it, a Lease may have to expire, a reminder table be read anew, and a
    // call to a silo that is no more run out: a minute and a half at worst, and more on a machine that others use.
    private static readonly TimeSpan UntilDue = TimeSpan.FromSeconds(100), Late = TimeSpan.FromMinutes(4), Patience = TimeSpan.FromMinutes(8);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // RETRY_RESOURCES=500 for the number that the operator is held to.
    private static int Resources => int.TryParse(Environment.GetEnvironmentVariable("RETRY_RESOURCES"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 100;

    [Fact]
    public async Task Retries_are_made_at_their_time_although_every_silo_was_killed_or_restarted_meanwhile()
    {
        Assert.SkipUnless(RealApiServer.IsAvailable, RealApiServer.SkipReason ?? "");
        await using var world = await ChaosWorld.StartAsync(Ct);
        using var client = world.Server.CreateHttpClient();
        // Status knows whole seconds.
        var due = DateTimeOffset.FromUnixTimeSeconds((TimeProvider.System.GetUtcNow() + UntilDue).ToUnixTimeSeconds());
        for (var i = 0; i < Resources; i++)
        {
            await world.Api.ApplyAsync(NameOf(i), 1, Ct);
            await ReportFailureAsync(client, world.Namespace, NameOf(i), due);
        }

        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => StartAsync(world, string.Create(CultureInfo.InvariantCulture, $"old-{i}"))));
        try
        {
            // Whichever watches is among them.
            for (var i = 0; i < silos.Length; i++)
            {
                if (i == 1) silos[i].Send(PosixSignal.SIGTERM);
                else await silos[i].KillAsync();
                await silos[i].WaitForExitAsync();
                await silos[i].DisposeAsync();
                silos[i] = await StartAsync(world, string.Create(CultureInfo.InvariantCulture, $"new-{i}"));
            }

            var exchanged = TimeProvider.System.GetUtcNow();
            await UntilCreatedAsync(world);
            var posts = world.Nango.Journal.Entries(method: "POST").Where(call => call.Status == 200).ToList();
            TestContext.Current.SendDiagnosticMessage(
                "{0} retries; all silos were exchanged {1:0} s before they were due; they came {2:0.0} to {3:0.0} s after",
                posts.Count, (due - exchanged).TotalSeconds, (posts.Min(post => post.Time) - due).TotalSeconds, (posts.Max(post => post.Time) - due).TotalSeconds);

            Assert.Equal(Resources, posts.Count);
            Assert.All(posts, post => Assert.InRange(post.Time, due, (due > exchanged ? due : exchanged) + Late));
        }
        finally
        {
            foreach (var silo in silos) await silo.DisposeAsync();
        }
    }

    private static Task<SiloProcess> StartAsync(ChaosWorld world, string name) => SiloProcess.StartReadyAsync(world.SiloEnvironment(name, isMember: true), Ct);

    // As the operator reports a server error of Nango after some attempts, and in its name.
    private static async Task ReportFailureAsync(HttpClient client, string @namespace, string name, DateTimeOffset due)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var body = new JsonObject
        {
            ["apiVersion"] = "nango.nango.dev/v1alpha1",
            ["kind"] = "NangoIntegration",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["status"] = new JsonObject
            {
                ["status"] = "Failed",
                ["observedGeneration"] = 1,
                ["attempts"] = 7,
                ["next_retry_time"] = due.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Ready",
                    ["status"] = "False",
                    ["reason"] = "ServerError",
                    ["message"] = "",
                    ["observedGeneration"] = 1,
                    ["lastTransitionTime"] = now,
                }),
            },
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/apply-patch+yaml"));
        using var answer = await client.PatchAsync(new Uri($"apis/nango.nango.dev/v1alpha1/namespaces/{@namespace}/nangointegrations/{name}/status?fieldManager=nango-integration-operator&force=true", UriKind.Relative), content, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    private static async Task UntilCreatedAsync(ChaosWorld world)
    {
        var started = TimeProvider.System.GetTimestamp();
        while ((await world.SeeResourcesAsync(Ct)).Count(resource => !resource.IsSettled) is > 0 and var left)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"{left} resources are not done.");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Ct);
        }
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"retry-{number:D4}");
}
