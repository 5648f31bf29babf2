using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.FakeNango.Tests;

/// <summary>Facts of nango-api §1: transport and the order of checks.</summary>
public sealed class CheckOrderTests
{
    [Theory]
    [InlineData("{")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    public async Task Bad_json_is_reported_even_without_a_key(string body)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.PostAsync(body, token: null);

        Assert.Equal((400, "invalid_json"), (reply.Status, reply.Code));
    }

    [Theory]
    [InlineData("POST", "/integrations", "application/merge-patch+json")]
    [InlineData("PATCH", "/integrations/x", "text/plain")]
    [InlineData("GET", "/integrations", "text/plain")]
    [InlineData("DELETE", "/integrations/x", "application/x-www-form-urlencoded")]
    public async Task A_foreign_content_type_is_reported_even_without_a_key(string method, string path, string contentType)
    {
        await using var nango = await Nango.StartAsync();
        using var request = nango.Request(method, path);
        request.Content = new StringContent("{", Encoding.UTF8, contentType);

        var reply = await nango.SendAsync(request);

        Assert.Equal((415, "invalid_content_type", "Content-Type header must be application/json"), (reply.Status, reply.Code, reply.Message));
    }

    [Fact]
    public async Task A_missing_key_is_reported_before_the_rate_limit_and_that_before_the_scope()
    {
        await using var nango = await Nango.StartAsync(new()
        {
            Keys = [ApiKey.For(Nango.Token, "dev", "environment:deploy")],
            RateLimitPerMinute = 1,
            TimeProvider = new FakeTimeProvider(),
        });

        var anonymous = await nango.GetAsync("/integrations?x=1", token: null);
        var scopeless = await nango.GetAsync("/integrations?x=1");
        var throttled = await nango.GetAsync("/integrations?x=1");

        Assert.Equal((401, 403, 429), (anonymous.Status, scopeless.Status, throttled.Status));
    }

    [Theory]
    [InlineData("PATCH", "/integrations/bad%2Fkey?x=1", """{"x":1}""", "invalid_query_params")]
    [InlineData("PATCH", "/integrations/bad%2Fkey", """{"x":1}""", "invalid_body")]
    [InlineData("PATCH", "/integrations/bad%2Fkey", "{}", "invalid_uri_params")]
    [InlineData("PATCH", "/integrations/absent", "{}", "not_found")]
    [InlineData("DELETE", "/integrations/bad%2Fkey?x=1", null, "invalid_query_params")]
    [InlineData("DELETE", "/integrations/bad%2Fkey", null, "invalid_uri_params")]
    [InlineData("GET", "/integrations/bad%2Fkey?x=1", null, "invalid_query_params")]
    [InlineData("GET", "/integrations/bad%2Fkey", null, "invalid_uri_params")]
    [InlineData("POST", "/integrations?x=1", "{}", "invalid_query_params")]
    [InlineData("GET", "/integrations?limit=1", null, "invalid_query_params")]
    [InlineData("GET", "/providers/slack?x=1", null, "invalid_query_params")]
    public async Task Query_comes_before_body_before_path_key_before_existence(string method, string path, string? body, string code)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.SendAsync(method, path, body);

        Assert.Equal(code, reply.Code);
    }

    [Fact]
    public async Task A_body_without_content_type_counts_as_no_body()
    {
        await using var nango = await Nango.StartAsync();
        using var request = nango.Request("POST", "/integrations");
        request.Headers.Authorization = new("Bearer", Nango.Token);
        request.Content = new ByteArrayContent("{}"u8.ToArray());

        var reply = await nango.SendAsync(request);

        Assert.Equal((400, "Invalid input: expected object, received undefined"), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task An_empty_json_body_of_a_patch_counts_as_an_empty_object()
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var reply = await nango.PatchAsync("slack-1", "");

        Assert.Equal(200, reply.Status);
    }

    [Fact]
    public async Task Gzip_bodies_are_accepted()
    {
        await using var nango = await Nango.StartAsync();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Nango.Slack), Nango.Cancellation);
        using var request = nango.Request("POST", "/integrations");
        request.Headers.Authorization = new("Bearer", Nango.Token);
        request.Content = new ByteArrayContent(packed.ToArray());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Content.Headers.ContentEncoding.Add("gzip");

        var reply = await nango.SendAsync(request);

        Assert.Equal(200, reply.Status);
    }

    [Fact]
    public async Task A_body_that_is_not_the_gzip_it_claims_is_a_400()
    {
        await using var nango = await Nango.StartAsync();
        using var request = nango.Request("POST", "/integrations");
        request.Content = new StringContent("plain", Encoding.UTF8, "application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");

        var reply = await nango.SendAsync(request);

        Assert.Equal(400, reply.Status);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_a_500_not_a_413_even_without_a_key()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, BodyLimit = 1000 });

        var reply = await nango.PostAsync($$"""{"provider":"{{new string('x', 2000)}}"}""", token: null);

        Assert.Equal((500, "generic_error_support"), (reply.Status, reply.Code));
        Assert.Equal(75L * 1024 * 1024, new FakeNangoOptions().BodyLimit);
    }

    [Theory]
    [InlineData("/integrations/%zz", 500)]
    [InlineData("/integrations/%E9", 500)]
    [InlineData("/integrations/..", 404)]
    [InlineData("/integrations/a%20b", 404)]
    [InlineData("/integrations/slack-1/", 200)]
    [InlineData("/INTEGRATIONS/slack-1", 200)]
    [InlineData("/integrations/Slack-1", 404)]
    public async Task Path_keys_are_taken_as_sent(string path, int status)
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);

        var reply = await nango.GetAsync(path);

        Assert.Equal(status, reply.Status);
    }

    [Theory]
    [InlineData("PUT", "/integrations/slack-1")]
    [InlineData("PATCH", "/integrations")]
    [InlineData("DELETE", "/integrations")]
    [InlineData("POST", "/integrations/slack-1")]
    public async Task An_unrouted_method_is_an_html_404(string method, string path)
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.SendAsync(method, path, null);

        Assert.Equal((404, "text/html; charset=utf-8"), (reply.Status, reply.ContentType));
        Assert.Contains($"Cannot {method} {path}", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_get_path_serves_the_dashboard()
    {
        await using var nango = await Nango.StartAsync();

        var reply = await nango.GetAsync("/v1/integrations", token: null);

        Assert.Equal((200, "text/html; charset=utf-8"), (reply.Status, reply.ContentType));
    }

    [Fact]
    public async Task A_get_with_the_current_etag_is_304_and_costs_a_point()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, RateLimitPerMinute = 10, TimeProvider = new FakeTimeProvider() });
        var first = await nango.GetAsync("/integrations");
        using var request = nango.Request("GET", "/integrations");
        request.Headers.Authorization = new("Bearer", Nango.Token);
        request.Headers.TryAddWithoutValidation("If-None-Match", first.Header("ETag"));

        var second = await nango.SendAsync(request);

        Assert.StartsWith("W/\"", first.Header("ETag"), StringComparison.Ordinal);
        Assert.Equal((304, "8"), (second.Status, second.Header("X-RateLimit-Remaining")));
    }
}
