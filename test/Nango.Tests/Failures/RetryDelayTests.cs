namespace NangoOrleans.Nango.Tests;

public sealed class RetryDelayTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("34", null, null, 35)]
    [InlineData("0", null, null, 1)]
    [InlineData("Thu, 01 Jan 2026 12:00:30 GMT", null, null, 31)]
    [InlineData("Thu, 01 Jan 2026 12:00:30 GMT", null, "Thu, 01 Jan 2026 12:00:10 GMT", 21)]
    [InlineData("Thu, 01 Jan 2026 11:00:00 GMT", null, null, 1)]
    [InlineData("34", "1767268900", null, 35)]
    [InlineData(null, "1767268840", null, 41)]
    [InlineData(null, "1767268840", "Thu, 01 Jan 2026 12:00:30 GMT", 11)]
    [InlineData(null, "1", null, 1)]
    [InlineData("2000000000", null, null, 3600)]
    [InlineData(null, "253402300799", null, 3600)]
    [InlineData(null, "9223372036854775807", null, null)]
    [InlineData("soon", null, null, null)]
    [InlineData(null, "soon", null, null)]
    [InlineData("-5", null, null, null)]
    [InlineData(null, null, null, null)]
    public void The_wait_is_what_the_server_says_and_a_second_more(string? retryAfter, string? reset, string? date, int? seconds)
    {
        using var response = new HttpResponseMessage();
        if (retryAfter is not null) response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        if (reset is not null) response.Headers.TryAddWithoutValidation("X-RateLimit-Reset", reset);
        if (date is not null) response.Headers.TryAddWithoutValidation("Date", date);

        var wait = RetryDelay.Read(response.Headers, Now);

        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, wait);
    }
}
