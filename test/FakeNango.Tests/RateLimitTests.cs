using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.FakeNango.Tests;

/// <summary>Facts of nango-api §7.</summary>
public sealed class RateLimitTests
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 12, 0, 0, 500, TimeSpan.Zero));

    [Fact]
    public async Task Every_answer_after_auth_carries_the_window()
    {
        await using var nango = await StartAsync(limit: 3);

        var ok = await nango.GetAsync("/integrations");
        _time.Advance(TimeSpan.FromSeconds(10));
        var missing = await nango.GetAsync("/integrations/absent");

        Assert.Equal(("3", "2"), (ok.Header("X-RateLimit-Limit"), ok.Header("X-RateLimit-Remaining")));
        Assert.Equal((404, "1"), (missing.Status, missing.Header("X-RateLimit-Remaining")));
        Assert.Equal("1795348860", ok.Header("X-RateLimit-Reset"));
        Assert.Equal(ok.Header("X-RateLimit-Reset"), missing.Header("X-RateLimit-Reset"));
    }

    [Fact]
    public async Task The_window_is_fixed_from_its_first_call()
    {
        await using var nango = await StartAsync(limit: 1);

        var first = await nango.GetAsync("/integrations");
        _time.Advance(TimeSpan.FromSeconds(59));
        var refused = await nango.GetAsync("/integrations");
        _time.Advance(TimeSpan.FromSeconds(1));
        var next = await nango.GetAsync("/integrations");

        Assert.Equal((200, 429, 200), (first.Status, refused.Status, next.Status));
    }

    [Theory]
    [InlineData(0, "60")]
    [InlineData(25_100, "34")]
    [InlineData(59_001, "0")]
    public async Task Retry_after_is_rounded_down(int laterMs, string retryAfter)
    {
        await using var nango = await StartAsync(limit: 1);
        await nango.GetAsync("/integrations");
        _time.Advance(TimeSpan.FromMilliseconds(laterMs));

        var reply = await nango.GetAsync("/integrations?x=1");

        Assert.Equal((429, retryAfter, "0"), (reply.Status, reply.Header("Retry-After"), reply.Header("X-RateLimit-Remaining")));
        Assert.Equal("""{"error":{"code":"too_many_request","method":"GET","path":"/integrations"}}""", reply.Text);
    }

    [Fact]
    public async Task All_keys_and_environments_of_the_account_share_the_window()
    {
        await using var nango = await StartAsync(limit: 2);

        await nango.GetAsync("/integrations");
        await nango.GetAsync("/providers/slack", Nango.OtherToken);
        var refused = await nango.GetAsync("/integrations", Nango.OtherToken);

        Assert.Equal(429, refused.Status);
    }

    [Fact]
    public async Task Calls_answered_before_auth_cost_nothing_and_carry_no_headers()
    {
        await using var nango = await StartAsync(limit: 1);

        var anonymous = await nango.GetAsync("/integrations", token: null);
        var malformed = await nango.PostAsync("{");
        var health = await nango.GetAsync("/health");
        var counted = await nango.GetAsync("/integrations");

        Assert.Equal((401, 400, 200, 200), (anonymous.Status, malformed.Status, health.Status, counted.Status));
        Assert.All([anonymous, malformed, health], reply => Assert.Null(reply.Header("X-RateLimit-Limit")));
    }

    [Fact]
    public async Task Switched_off_there_is_no_limit_and_no_header()
    {
        await using var nango = await StartAsync(limit: 1);
        await nango.GetAsync("/integrations");
        nango.Server.RateLimitPerMinute = null;

        var reply = await nango.GetAsync("/integrations");

        Assert.Equal((200, null), (reply.Status, reply.Header("X-RateLimit-Limit")));
    }

    private Task<Nango> StartAsync(int limit) => Nango.StartAsync(new()
    {
        Token = Nango.Token,
        Keys = [ApiKey.For(Nango.OtherToken, "prod")],
        RateLimitPerMinute = limit,
        TimeProvider = _time,
    });
}
