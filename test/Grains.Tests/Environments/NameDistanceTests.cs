using NangoOrleans.Environments;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class NameDistanceTests
{
    private static readonly string[] Names = ["slack", "slack-bot", "snowflake", "github", "github-app", "google-drive", "google-mail", "hubspot"];

    [Theory]
    [InlineData("slak", "slack")]
    [InlineData("Slack", "slack")]
    [InlineData("githbu", "github")]
    [InlineData("gogle-drive", "google-drive")]
    public void A_typing_mistake_finds_the_name_that_was_meant(string name, string meant) => Assert.Equal(meant, NameDistance.Nearest(name, Names)[0]);

    [Fact]
    public void A_part_of_a_name_finds_the_whole() => Assert.Equal(["google-mail", "google-drive"], NameDistance.Nearest("google", Names));

    [Fact]
    public void The_nearest_comes_first() => Assert.Equal(["github", "github-app"], NameDistance.Nearest("github", Names));

    [Fact]
    public void Nothing_near_finds_nothing() => Assert.Empty(NameDistance.Nearest("salesforce", Names));

    [Fact]
    public void Three_are_enough() => Assert.Equal(["aa1", "aa2", "aa3"], NameDistance.Nearest("aa0", ["aa4", "aa3", "aa2", "aa1"]));

    [Fact]
    public void A_name_of_two_letters_does_not_find_all_that_contain_it() => Assert.Empty(NameDistance.Nearest("go", Names));
}
