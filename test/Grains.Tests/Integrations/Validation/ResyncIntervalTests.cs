using NangoOrleans.Integrations.Validation;

namespace NangoOrleans.Grains.Tests.Integrations.Validation;

public sealed class ResyncIntervalTests
{
    [Theory]
    [InlineData("1m", 60)]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("1h30m", 5400)]
    [InlineData("8760h", 31_536_000)]
    public void Durations_are_read_as_Go_writes_them(string text, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), ResyncInterval.Parse(text));
        Assert.Null(ResyncInterval.FindProblem(text));
    }

    [Theory]
    [InlineData("", "no duration")]
    [InlineData("ten minutes", "no duration")]
    [InlineData("10", "no duration")]
    [InlineData("-10m", "no duration")]
    [InlineData("10m ", "no duration")]
    [InlineData("59s", "shorter than a minute")]
    [InlineData("0h", "shorter than a minute")]
    [InlineData("8761h", "longer than a year")]
    [InlineData("99999999999999999999999999h", "longer than a year")]
    public void What_is_no_interval_is_complained_of_and_does_not_count(string text, string complaint)
    {
        Assert.Null(ResyncInterval.Parse(text));
        Assert.Contains(complaint, ResyncInterval.FindProblem(text), StringComparison.Ordinal);
    }

    [Fact]
    public void None_means_the_operators_own_and_is_no_problem()
    {
        Assert.Null(ResyncInterval.Parse(null));
        Assert.Null(ResyncInterval.FindProblem(null));
    }
}
