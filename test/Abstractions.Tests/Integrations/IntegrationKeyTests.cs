using NangoOrleans.Integrations;

namespace NangoOrleans.Abstractions.Tests.Integrations;

public sealed class IntegrationKeyTests
{
    [Fact]
    public void A_key_is_read_as_it_was_written()
    {
        var key = new IntegrationKey("team-a", "slack.prod");

        Assert.Equal(key, IntegrationKey.Parse(key.ToString()));
        Assert.Equal("team-a/slack.prod", key.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("/")]
    [InlineData("/name")]
    [InlineData("namespace/")]
    public void Text_without_both_parts_is_refused(string text) =>
        Assert.Throws<FormatException>(() => IntegrationKey.Parse(text));
}
