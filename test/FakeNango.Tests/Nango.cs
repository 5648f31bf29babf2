using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace NangoOrleans.FakeNango.Tests;

/// <summary>A running fake Nango with a client that has full access unless told otherwise.</summary>
internal sealed class Nango : IAsyncDisposable
{
    public const string Token = "7a1f0c52-3a58-4b7e-9d0c-5a2b8a1c4e01";
    public const string OtherToken = "7a1f0c52-3a58-4b7e-9d0c-5a2b8a1c4e02";
    public const string Slack = """{"provider":"slack","unique_key":"slack-1","credentials":{"type":"OAUTH2","client_id":"cid","client_secret":"sec"}}""";

    private readonly HttpClient _client;

    private Nango(FakeNangoServer server)
    {
        Server = server;
        _client = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromSeconds(60) };
    }

    public FakeNangoServer Server { get; }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Nango> StartAsync(FakeNangoOptions? options = null) =>
        new(await FakeNangoServer.StartAsync(options ?? new() { Token = Token }, Cancellation));

    public Task<Reply> GetAsync(string path, string? token = Token) => SendAsync("GET", path, null, token);

    public Task<Reply> PostAsync(string body, string path = "/integrations", string? token = Token) => SendAsync("POST", path, body, token);

    public Task<Reply> PatchAsync(string key, string body, string? token = Token) => SendAsync("PATCH", $"/integrations/{key}", body, token);

    public Task<Reply> DeleteAsync(string key, string? token = Token) => SendAsync("DELETE", $"/integrations/{key}", null, token);

    public Task<Reply> SendAsync(string method, string path, string? body, string? token = Token)
    {
        var request = Request(method, path);
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return SendAsync(request);
    }

    /// <summary>A request whose path is sent as written: dot segments and broken escapes stay.</summary>
    public HttpRequestMessage Request(string method, string path) => new(
        new(method), new Uri(Server.BaseUrl + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));

    public async Task<Reply> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _client.SendAsync(request, Cancellation);
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            return new((int)response.StatusCode, text, response.Headers, response.Content.Headers.ContentType?.ToString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
    }
}

internal sealed record Reply(int Status, string Text, HttpResponseHeaders Headers, string? ContentType)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonNode Data => Json["data"]!;

    public string Code => (string)Json["error"]!["code"]!;

    /// <summary>The message of a business rule, or of the first schema issue.</summary>
    public string Message => (string)(Json["error"]!["message"] ?? Json["error"]!["errors"]![0]!["message"])!;

    /// <summary>All issues as <c>code@path</c>.</summary>
    public string Issues => string.Join(' ', Json["error"]!["errors"]!.AsArray().Select(issue =>
        $"{issue!["code"]}@{string.Join('.', issue["path"]!.AsArray())}"));

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
