using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.Credentials;

public sealed class DefaultCredentialSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("credential-");
    private readonly FakeTimeProvider _time = new();

    private string TokenFile => Path.Combine(_folder.FullName, "token");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Token_loses_its_line_break() =>
        Assert.Equal("abc", new DefaultCredentialSource("https://x", "abc\r\n", null, ["*"], _time).RevealToken());

    [Fact]
    public void Changed_file_is_read_again()
    {
        File.WriteAllText(TokenFile, "first\n");
        var source = FromFile();
        var before = source.RevealToken();

        File.WriteAllText(TokenFile, "second\n");
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(("first", "second"), (before, source.RevealToken()));
    }

    [Fact]
    public void File_that_comes_later_is_found_and_one_that_goes_is_missed()
    {
        var source = FromFile();
        var before = source.IsAvailable;

        File.WriteAllText(TokenFile, "token");
        _time.Advance(TimeSpan.FromSeconds(2));
        var meanwhile = source.IsAvailable;
        File.Delete(TokenFile);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((false, true, false), (before, meanwhile, source.IsAvailable));
    }

    [Fact]
    public void Swapped_link_of_a_Secret_volume_is_followed()
    {
        File.WriteAllText(Path.Combine(_folder.CreateSubdirectory("1").FullName, "token"), "first");
        File.WriteAllText(Path.Combine(_folder.CreateSubdirectory("2").FullName, "token"), "second");
        var data = Path.Combine(_folder.FullName, "..data");
        File.CreateSymbolicLink(data, "1");
        File.CreateSymbolicLink(TokenFile, Path.Combine("..data", "token"));
        var source = FromFile();
        var before = source.RevealToken();

        File.Delete(data);
        File.CreateSymbolicLink(data, "2");
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(("first", "second"), (before, source.RevealToken()));
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("team-a", "team-a", true)]
    [InlineData("team-a", "team-ab", false)]
    public void Namespaces_are_allowed_by_name_or_all(string allowed, string asked, bool expected) =>
        Assert.Equal(expected, new DefaultCredentialSource("https://x", "abc", null, [allowed], _time).IsAllowedIn(asked));

    [Fact]
    public void No_namespace_is_allowed_by_an_empty_list() =>
        Assert.False(new DefaultCredentialSource("https://x", "abc", null, [], _time).IsAllowedIn("default"));

    [Fact]
    public void Text_of_a_source_does_not_hold_the_token() =>
        Assert.DoesNotContain("abc", new DefaultCredentialSource("https://x", "abc", null, ["*"], _time).ToString(), StringComparison.Ordinal);

    private DefaultCredentialSource FromFile() => new("https://x", null, TokenFile, ["*"], _time);
}
