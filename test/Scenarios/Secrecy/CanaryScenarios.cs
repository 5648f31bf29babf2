using System.Text.Json.Nodes;
using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Secrecy;

/// <summary>A value that must never be seen is put into every sensitive field, and then looked for everywhere.</summary>
public sealed class CanaryScenarios
{
    private const string Canary = "canary-7f3a91";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task A_sensitive_value_is_in_no_log_event_status_metric_or_dashboard_answer(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct, ("Logging__LogLevel__Default", "Trace"));
        var good = Manifest.Slack("good", "good").Replace("the-client-secret", Canary, StringComparison.Ordinal)
            .Replace("scopes:", $"webhook_secret: {Canary}\n    scopes:", StringComparison.Ordinal);
        await world.ApplyAsync(good, Ct);
        await world.ApplyAsync(good.Replace("name: good", "name: refused", StringComparison.Ordinal).Replace("unique_key: good", "unique_key: refused", StringComparison.Ordinal)
            + $"\n  nango_token: {Canary}", Ct);
        await world.ApplyAsync(Manifest.Slack("maps", "maps", more: $"  custom: {{a: {Canary}}}"), Ct);
        await world.UntilAsync("good", s => s.IsReady, Ct);
        await world.UntilAsync("maps", s => s.IsReady, Ct);
        await world.UntilAsync("refused", s => s.Reason == "TokenMalformed", Ct);
        world.Nango.Faults.Add(new FaultRule { Kind = FaultKind.Status, Status = 400, Body = new JsonObject { ["error"] = new JsonObject { ["code"] = "invalid_body", ["message"] = Canary } } });
        await world.PatchAsync("good", """{"spec":{"display_name":"Other"}}""", Ct);
        await world.UntilAsync("good", s => !s.IsReady && s.IsCurrent, Ct);

        using var http = new HttpClient();
        var answers = new List<string> { await http.GetStringAsync(new Uri(world.Silo.Http, "/metrics"), Ct) };
        foreach (var path in (string[])["DashboardCounters", "Reminders/1", "TopGrainMethods", "GrainStats/nango-integration", "GrainState?grainType=nango-integration&grainId=" + Uri.EscapeDataString($"{world.Namespace}/good")])
        {
            using var answer = await http.GetAsync(new Uri(world.Silo.Dashboard, "/" + path), Ct);
            answers.Add(await answer.Content.ReadAsStringAsync(Ct));
        }

        Assert.DoesNotContain(answers, a => a.Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(world.Silo.Output, line => line.Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(await world.EventsAsync(Ct), e => e.ToJsonString().Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(await world.ListAsync(Ct), r => r["status"]!.ToJsonString().Contains(Canary, StringComparison.Ordinal));
        Assert.NotEmpty(world.Silo.Output);
    }
}
