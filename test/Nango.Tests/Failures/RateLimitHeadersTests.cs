namespace NangoOrleans.Nango;

public sealed class RateLimitHeadersTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_000_000);

    [Fact]
    public void The_end_of_the_window_is_told_by_the_servers_own_clock_and_rounded_up()
    {
        using var answer = Answer("200", "17", "1000034");
        answer.Headers.Date = Now.AddSeconds(4);

        Assert.Equal(new RateLimitReading(200, 17, 1_000_034, TimeSpan.FromSeconds(31)), RateLimitHeaders.Read(answer.Headers, Now.AddHours(1)));
    }

    [Theory]
    [InlineData("1000000", 1)]
    [InlineData("999000", 1)]
    [InlineData("1000059", 60)]
    [InlineData("9999999", 61)]
    public void An_end_in_the_past_or_beyond_a_window_is_not_believed(string reset, int seconds)
    {
        using var answer = Answer("200", "17", reset);

        Assert.Equal(TimeSpan.FromSeconds(seconds), RateLimitHeaders.Read(answer.Headers, Now)!.ResetsIn);
    }

    [Theory]
    [InlineData(null, "17", "1000034")]
    [InlineData("200", null, "1000034")]
    [InlineData("200", "17", null)]
    [InlineData("0", "0", "1000034")]
    [InlineData("many", "17", "1000034")]
    [InlineData("200", "-1", "1000034")]
    [InlineData("200", "17", "999999999999999999")]
    public void Without_all_three_headers_nothing_is_known(string? limit, string? remaining, string? reset)
    {
        using var answer = Answer(limit, remaining, reset);

        Assert.Null(RateLimitHeaders.Read(answer.Headers, Now));
    }

    private static HttpResponseMessage Answer(string? limit, string? remaining, string? reset)
    {
        var answer = new HttpResponseMessage();
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("Limit", limit), ("Remaining", remaining), ("Reset", reset)])
            if (value is not null) answer.Headers.TryAddWithoutValidation($"X-RateLimit-{name}", value);
        return answer;
    }
}
