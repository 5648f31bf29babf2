using NangoOrleans.Integrations.Reporting;

namespace NangoOrleans.Grains.Tests.Integrations.Reporting;

public sealed class RetryPolicyTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(7, 64)]
    [InlineData(10, 512)]
    [InlineData(11, 600)]
    [InlineData(int.MaxValue, 600)]
    public void The_delay_doubles_from_one_second_to_ten_minutes(int attempts, int seconds) =>
        Assert.Equal(seconds, RetryPolicy.Delay(attempts, 0.5).TotalSeconds, precision: 3);

    [Theory]
    [InlineData(0.0, 0.8)]
    [InlineData(0.999999, 1.2)]
    public void Chance_moves_it_by_a_fifth_either_way(double chance, double factor) =>
        Assert.Equal(8 * factor, RetryPolicy.Delay(4, chance).TotalSeconds, precision: 3);

    [Fact]
    public void Server_errors_are_tried_for_a_quarter_of_an_hour() =>
        Assert.InRange(Enumerable.Range(1, RetryPolicy.ServerErrorLimit - 1).Sum(attempt => RetryPolicy.Delay(attempt, 0.5).TotalMinutes), 8, 20);
}
