using CsCheck;

namespace NangoOrleans.Configuration;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5h", 5400)]
    [InlineData("1500ms", 1.5)]
    [InlineData("00:10:00", 600)]
    [InlineData("1.00:00:00", 86400)]
    public void Durations_are_read_as_Kubernetes_and_NET_write_them(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("5 m")]
    [InlineData("5d")]
    [InlineData("99999999999999999999h")]
    public void Anything_else_is_no_duration(string text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public void Written_seconds_are_read_back() =>
        Gen.Int[0, 10_000_000].Sample(seconds => Durations.TryParse($"{seconds}s", out var duration) && duration.TotalSeconds == seconds);
}
