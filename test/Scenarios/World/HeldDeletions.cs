using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.World;

/// <summary>
/// Holds every DELETE of an integration inside the API server, between its look at the finalizers and the removal, by an admission webhook
/// that answers late. What puts a finalizer on meanwhile is answered 200 and does not save the object (kubernetes/kubernetes#77988).
/// </summary>
/// <remarks>
/// Holds one DELETE request for each resource; a <c>deletecollection</c> comes with one resource after the other. The API server waits for
/// <see cref="Longest"/>, then it carries the DELETE out. Needs a server that knows admission webhooks, so not the development double.
/// </remarks>
public sealed class HeldDeletions : IAsyncDisposable
{
    /// <summary>For how long the API server waits for a webhook at most; the most that it allows.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private const string Name = "held-deletions", ProbePath = "/probe";

    private const string Selector = "objectSelector: {matchLabels: {test: " + Name + "}}";
    private const string Configuration = $"apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{Name}";
    private const string Probe = $"api/v1/namespaces/default/configmaps/{Name}";

    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(100);

    private readonly HoldingGate _gate = new();
    private readonly ConcurrentQueue<string> _abandoned = new();
    private readonly TestAuthority _authority = new(Name, TimeProvider.System.GetUtcNow());
    private readonly IApiServer _server;
    private readonly HttpClient _client;
    private readonly WebApplication _app;
    private volatile bool _isEffective;

    private HeldDeletions(IApiServer server)
    {
        (_server, _client) = (server, server.CreateHttpClient());
        _app = Build();
    }

    /// <summary>Namespace and name of those that the API server did not wait for: it lost patience, or it died.</summary>
    public IReadOnlyCollection<string> Abandoned => _abandoned;

    /// <summary>Starts to hold; every DELETE sent after this returns is held.</summary>
    /// <param name="server">The API server itself, with all rights.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<HeldDeletions> StartAsync(IApiServer server, CancellationToken ct)
    {
        var held = new HeldDeletions(server);
        try
        {
            await held._app.StartAsync(ct);
            await held.InstallAsync(ct);
            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until so many DELETEs are held at once: each has seen what it will go by.</summary>
    public Task UntilHeldAsync(CancellationToken ct, int count = 1) => _gate.UntilHeldAsync(count, ct);

    /// <summary>Lets go all that are held, and all that come.</summary>
    public void Release() => _gate.Open();

    public async ValueTask DisposeAsync()
    {
        Release();
        try
        {
            // Whoever uses the server next need not wait for a webhook that is gone.
            using var answer = await _client.DeleteAsync(Configuration);
        }
        catch (HttpRequestException)
        {
            // The server is gone, too.
        }

        _client.Dispose();
        await _app.DisposeAsync();
        _authority.Dispose();
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_authority.IssueForLoopback())));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        app.Run(AnswerAsync);
        return app;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!["request"]!;
        if (context.Request.Path == ProbePath) _isEffective = true;
        else await HoldAsync($"{request["namespace"]}/{request["name"]}", context.RequestAborted);

        var review = new JsonObject
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["response"] = new JsonObject { ["uid"] = (string)request["uid"]!, ["allowed"] = true },
        };
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(review.ToJsonString(), context.RequestAborted);
    }

    private async Task HoldAsync(string name, CancellationToken ct)
    {
        try
        {
            await _gate.PassAsync(ct);
        }
        catch (OperationCanceledException)
        {
            _abandoned.Enqueue(name);
            throw;
        }
    }

    // The API server learns of the configuration some time after it has been stored. Both webhooks of it take effect at once, so the one for
    // an object that is no business of the operator's tells of the other.
    private async Task InstallAsync(CancellationToken ct)
    {
        await _server.ApplyAsync(
            $$"""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: {{Name}}
              namespace: default
              labels: {test: {{Name}} }
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: {{Name}} }
            webhooks:
            {{Webhook("integrations", "/", "nango.nango.dev", "nangointegrations", "")}}
            {{Webhook("probe", ProbePath, "", "configmaps", Selector)}}
            """,
            "",
            ct);
        while (!_isEffective)
        {
            // Asked for as often as it takes, and never carried out.
            using var answer = await _client.DeleteAsync($"{Probe}?dryRun=All", ct);
            answer.EnsureSuccessStatusCode();
            if (!_isEffective) await Task.Delay(ProbeEvery, TimeProvider.System, ct);
        }

        using var removed = await _client.DeleteAsync(Probe, ct);
        removed.EnsureSuccessStatusCode();
    }

    private string Webhook(string name, string path, string group, string resource, string more) => FormattableString.Invariant(
        $$"""
        - name: {{name}}.{{Name}}.test
          rules: [{operations: [DELETE], apiGroups: ["{{group}}"], apiVersions: ["*"], resources: [{{resource}}]}]
          {{more}}
          clientConfig:
            url: https://127.0.0.1:{{new Uri(_app.Urls.Single()).Port}}{{path}}
            caBundle: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(_authority.Pem))}}
          admissionReviewVersions: [v1]
          failurePolicy: Ignore
          sideEffects: None
          timeoutSeconds: {{Longest.TotalSeconds}}
        """);
}
