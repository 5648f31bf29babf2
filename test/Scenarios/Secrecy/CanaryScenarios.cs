using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.Secrecy;

/// <summary>A value that must never be seen is put into every sensitive field, and then looked for everywhere.</summary>
public sealed class CanaryScenarios
{
    // Those that the operator keeps quieter by itself have to be named.
    private static readonly string[] Everything =
        ["Default", "Microsoft", "Orleans", "Orleans.Runtime.Silo", "Orleans.Runtime.Watchdog", "Orleans.Runtime.ReminderService", "Polly", "System.Net.Http"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task A_sensitive_value_is_in_no_log_event_status_metric_exception_or_dashboard_answer(ServerKind kind)
    {
        var canaries = new Canaries();
        await using var world = await OperatorWorld.StartAsync(kind, Ct, [.. Everything.Select(category => ($"Logging__LogLevel__{category}", "Trace")), ("NANGO_TOKEN", canaries.Token("default credential"))]);
        var all = world.Nango.State.DefaultEnvironment;
        foreach (var place in (string[])["default credential", "nango_token", "nango_token.value", "nango_token Secret", "environment token", "cluster environment token"])
            world.Nango.State.AddKey(ApiKey.For(canaries.Token(place), all));

        string[] names = ["literal", "value", "by-key", "whole", "app", "custom", "by-environment", "by-cluster", "by-default"];
        await ApplyAllAsync(world, canaries);
        foreach (var name in names) await world.UntilAsync(name, s => s.IsReady, Ct);
        await world.UntilEnvironmentAsync("environment", s => s.IsReady, Ct);
        await FailInEveryWayAsync(world, canaries);

        List<string> found = [.. await LookAsync(world, canaries)];

        Assert.Empty(found);
    }

    [Fact]
    public void A_canary_is_found_in_any_form()
    {
        var canaries = new Canaries();
        var (text, token) = (canaries["one"], canaries.Token("two"));

        Assert.Equal(["one"], canaries.In($"x{text}y"));
        Assert.Equal(["one"], canaries.In(text.ToUpperInvariant()));
        foreach (var before in (string[])["", "a", "ab", "abc"])
            Assert.Equal(["two"], canaries.In(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{before}{token}more"))));
        Assert.Empty(canaries.In("nothing"));
    }

    private static async Task ApplyAllAsync(OperatorWorld world, Canaries canaries)
    {
        await world.ApplyAsync(Manifest.Secret("token", ("token", canaries.Token("nango_token Secret"))), Ct);
        await world.ApplyAsync(Manifest.Secret("environment", ("token", canaries.Token("environment token"))), Ct);
        await world.ApplyAsync(Manifest.Secret("cluster", ("token", canaries.Token("cluster environment token"))), Ct);
        await world.ApplyAsync(Manifest.Secret("fields", ("id", canaries["client_id Secret"]), ("secret", canaries["client_secret Secret"]), ("webhook", canaries["webhook_secret Secret"]), ("unused", canaries["another key of the Secret"])), Ct);
        await world.ApplyAsync(Manifest.Secret("whole", ("client_id", canaries["client_id of secret_ref"]), ("client_secret", canaries["client_secret of secret_ref"]), ("webhook_secret", canaries["webhook_secret of secret_ref"])), Ct);
        await world.ApplyAsync(Manifest.Secret("app", ("app_id", canaries["app_id Secret"]), ("private_key", canaries.PrivateKey("private_key Secret"))), Ct);
        await world.ApplyAsync("{apiVersion: nango.nango.dev/v1alpha1, kind: NangoEnvironment, metadata: {name: environment}, spec: {token: {secretKeyRef: {name: environment, key: token}}}}", Ct);
        await world.ApplyAsync($"{{apiVersion: nango.nango.dev/v1alpha1, kind: ClusterNangoEnvironment, metadata: {{name: cluster}}, spec: {{token: {{secretKeyRef: {{namespace: {world.Namespace}, name: cluster, key: token}}}}, allowed_namespaces: {{selector: {{}}}}}}}}", Ct);
        const string Link = "app_link: https://example.com/app";
        await ApplyAsync(world, "literal", "slack", $"nango_token: {canaries.Token("nango_token")}", $"type: OAUTH2, client_id: {canaries["client_id"]}, client_secret: {canaries["client_secret"]}, webhook_secret: {canaries["webhook_secret"]}");
        await ApplyAsync(world, "value", "slack", $"nango_token: {{value: {canaries.Token("nango_token.value")}}}", $"type: OAUTH2, client_id: {{value: {canaries["client_id.value"]}}}, client_secret: {{value: {canaries["client_secret.value"]}}}, webhook_secret: {{value: {canaries["webhook_secret.value"]}}}");
        await ApplyAsync(world, "by-key", "slack", "nango_token: {secretKeyRef: {name: token, key: token}}", "type: OAUTH2, client_id: {secretKeyRef: {name: fields, key: id}}, client_secret: {secretKeyRef: {name: fields, key: secret}}, webhook_secret: {secretKeyRef: {name: fields, key: webhook}}");
        await ApplyAsync(world, "whole", "slack", "", "type: OAUTH2, secret_ref: {name: whole}");
        await ApplyAsync(world, "app", "github-app", "", $"type: APP, app_id: {canaries["app_id"]}, {Link}, private_key: \"{canaries.PrivateKey("private_key")}\"");
        await ApplyAsync(world, "custom", "github-app-oauth", "", $"type: CUSTOM, client_id: {canaries["CUSTOM client_id"]}, client_secret: {canaries["CUSTOM client_secret"]}, app_id: {{secretKeyRef: {{name: app, key: app_id}}}}, {Link}, private_key: {{secretKeyRef: {{name: app, key: private_key}}}}");
        await ApplyAsync(world, "by-environment", "slack", "environment_ref: {kind: NangoEnvironment, name: environment}", $"type: OAUTH2, client_id: a, client_secret: {canaries["client_secret, environment"]}");
        await ApplyAsync(world, "by-cluster", "slack", "environment_ref: {kind: ClusterNangoEnvironment, name: cluster}", $"type: OAUTH2, client_id: a, client_secret: {canaries["client_secret, cluster"]}");
        await ApplyAsync(world, "by-default", "slack", $"custom: {{a: {canaries["custom"]}}}", $"type: OAUTH2, client_id: a, client_secret: {canaries["client_secret, default"]}");
    }

    // Whatever goes wrong is told in a message, logged as an exception, or both.
    private static async Task FailInEveryWayAsync(OperatorWorld world, Canaries canaries)
    {
        await ApplyAsync(world, "no-such-token", "slack", $"nango_token: {canaries["a token that is none"]}", $"type: OAUTH2, client_id: a, client_secret: {canaries["client_secret, no token"]}");
        await ApplyAsync(world, "unknown-token", "slack", $"nango_token: {canaries.Token("a token nobody issued")}", $"type: OAUTH2, client_id: a, client_secret: {canaries["client_secret, unknown token"]}");
        await ApplyAsync(world, "bad-value", "slack", $"nango_token: {{value: {{x: {canaries["a malformed value"]}}}}}", $"type: OAUTH2, client_id: [{canaries["a list"]}], client_secret: {{valu: {canaries["a misspelt field"]}}}");
        await ApplyAsync(world, "bad-key", "github-app", "", $"type: APP, app_id: \"1\", app_link: https://example.com/app, private_key: {canaries["a private key that is none"]}");
        await ApplyAsync(world, "bad-url", "slack", $"nango_token: {canaries.Token("token, bad url")}\n  nango_base_url: http://user:{canaries["password in the base URL"]}@127.0.0.1", "type: OAUTH2, client_id: a, client_secret: b");
        foreach (var name in (string[])["no-such-token", "unknown-token", "bad-value", "bad-key", "bad-url"])
            await world.UntilAsync(name, s => s.Condition("Stalled") is not null, Ct);
        await world.ApplyAsync(Manifest.Secret("environment", ("token", canaries.Token("an environment's token nobody issued"))), Ct);
        await world.UntilEnvironmentAsync("environment", s => s.Reason == "TokenRefused", Ct);

        JsonObject body = new() { ["error"] = new JsonObject { ["code"] = "invalid_body", ["message"] = canaries["client_secret"], ["errors"] = new JsonArray(canaries["client_secret"]), ["payload"] = canaries["client_secret"] } };
        FaultRule[] faults =
        [
            new() { Kind = FaultKind.Status, Status = 400, Body = body.DeepClone() },
            new() { Kind = FaultKind.Status, Status = 500, Body = body.DeepClone() },
            new() { Kind = FaultKind.Status, Status = 401, Body = body.DeepClone() },
            new() { Kind = FaultKind.Status, Status = 302, Body = body.DeepClone(), Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Location"] = "http://127.0.0.1/" + canaries["client_secret"] } },
            new() { Kind = FaultKind.Body, Body = JsonValue.Create($"{{\"data\": {canaries["client_secret"]}") },
            new() { Kind = FaultKind.DropAfterResponseCommit },
        ];
        foreach (var (fault, index) in faults.Select((fault, index) => (fault, index)))
        {
            world.Nango.Faults.Clear();
            world.Nango.Faults.Add(fault);
            await world.PatchAsync("literal", $$"""{"spec":{"display_name":"Fault {{index}}"} }""", Ct);
            await world.UntilAsync("literal", s => s.IsCurrent && !s.IsReady && s.Message is { Length: > 0 }, Ct);
        }

        world.Nango.Faults.Clear();
        await world.DeleteAsync("whole", Ct);
        await world.UntilGoneAsync("whole", Ct);
    }

    private static async Task<IReadOnlyList<string>> LookAsync(OperatorWorld world, Canaries canaries)
    {
        using var kubernetes = world.Server.CreateHttpClient();
        List<(string Where, string Text)> texts =
        [
            .. world.Silo.Output.Select(line => ("log", line)),
            .. world.Silo.Error.Select(line => ("standard error", line)),
            ("events", await kubernetes.GetStringAsync("api/v1/events", Ct)),
            .. (await world.ListAsync(Ct)).Select(one => ("status of " + (string?)one["metadata"]!["name"], one["status"]!.ToJsonString())),
            ("status of an environment", (await world.GetEnvironmentAsync("environment", Ct))!["status"]!.ToJsonString()),
            ("status of a cluster environment", JsonNode.Parse(await kubernetes.GetStringAsync("apis/nango.nango.dev/v1alpha1/clusternangoenvironments/cluster", Ct))!["status"]!.ToJsonString()),
            .. await DashboardAsync(world),
        ];
        Assert.Contains(texts, one => one is { Where: "log", Text.Length: > 0 } && one.Text.Contains("\"Trace\"", StringComparison.Ordinal));
        Assert.Contains(texts, one => one.Where == "events" && one.Text.Contains("TokenRefused", StringComparison.Ordinal));
        return [.. texts.SelectMany(one => canaries.In(one.Text).Select(place => $"{place} in {one.Where}: {one.Text}"))];
    }

    // All routes of the dashboard's own code that answer with JSON, and what a scraper sees.
    private static async Task<IReadOnlyList<(string Where, string Text)>> DashboardAsync(OperatorWorld world)
    {
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(world.Silo.Http, "/metrics"), Ct);
        var counters = await http.GetStringAsync(new Uri(world.Silo.Dashboard, "/dashboard/DashboardCounters"), Ct);
        var silo = (string)JsonNode.Parse(counters)!["hosts"]![0]!["siloAddress"]!;
        List<string> paths =
        [
            "version", "ClusterStats", "TopGrainMethods", "GrainTypes", "LifecycleStages", "Reminders/1",
            .. ((string[])["SiloStats", "SiloCounters", "SiloProperties", "SiloMetadata"]).Select(route => $"{route}/{Uri.EscapeDataString(silo)}"),
            .. ((string[])["NangoOrleans.Integrations.NangoIntegrationGrain", "NangoOrleans.Environments.NangoEnvironmentGrain"]).Select(type => $"GrainStats/{type}"),
            .. ((string[])["literal", "by-key", "custom", "no-such-token"]).Select(name => $"GrainState?grainType=NangoOrleans.Integrations.NangoIntegrationGrain&grainId={Uri.EscapeDataString($"{world.Namespace}/{name}")}"),
        ];
        List<(string, string)> answers = [("metrics", metrics), ("DashboardCounters", counters)];
        foreach (var path in paths)
        {
            using var answer = await http.GetAsync(new Uri(world.Silo.Dashboard, "/dashboard/" + path), Ct);
            var text = await answer.Content.ReadAsStringAsync(Ct);
            Assert.True(answer.StatusCode == HttpStatusCode.OK && JsonDocument.Parse(text).RootElement.ValueKind != JsonValueKind.Undefined, $"{path}: {answer.StatusCode} {text}");
            answers.Add((path, text));
        }

        using var trace = await http.GetAsync(new Uri(world.Silo.Dashboard, "/dashboard/Trace"), Ct);
        Assert.Equal(HttpStatusCode.Forbidden, trace.StatusCode);
        Assert.True(
            answers.Exists(one => one.Item1.StartsWith("GrainState", StringComparison.Ordinal) && one.Item2.Contains("runs", StringComparison.OrdinalIgnoreCase)),
            string.Join('\n', answers.Where(one => one.Item1.StartsWith("GrainState", StringComparison.Ordinal))));
        return answers;
    }

    private static Task ApplyAsync(OperatorWorld world, string name, string provider, string more, string credentials) => world.ApplyAsync($"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: NangoIntegration
        metadata:
          name: {name}
        spec:
          unique_key: {name}
          provider: {provider}
          display_name: Canary
          credentials: {"{" + credentials + "}"}
          {more}
        """, Ct);
}
