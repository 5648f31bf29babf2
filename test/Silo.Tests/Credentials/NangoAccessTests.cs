using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Credentials;

public sealed class NangoAccessTests
{
    private const string Own = "https://nango.example";

    [Fact]
    public void Default_credential_is_given_for_its_own_server_in_an_allowed_namespace()
    {
        var answer = Access(token: "abc").GetDefaultCredential("team-a", Own);

        Assert.Equal(("abc", null), (answer.Token, answer.Refusal));
    }

    [Theory]
    [InlineData("team-a", "https://api.nango.dev", "abc", "is for https://nango.example only, not for https://api.nango.dev")]
    [InlineData("team-a", "https://nango.example.attacker.example", "abc", "is for https://nango.example only")]
    [InlineData("team-b", Own, "abc", "namespace team-b may not use")]
    [InlineData("team-a", Own, null, "the operator has no default credential")]
    public void Default_credential_is_refused_elsewhere(string @namespace, string baseUrl, string? token, string why)
    {
        var answer = Access(token).GetDefaultCredential(@namespace, baseUrl);

        Assert.Null(answer.Token);
        Assert.Equal((FailureKind.Terminal, Reasons.DefaultCredentialNotAllowed), (answer.Refusal!.Kind, answer.Refusal.Reason));
        Assert.Contains(why, answer.Refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", answer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, Own)]
    [InlineData("https://NANGO.example/", Own)]
    [InlineData("https://listed.example", "https://listed.example")]
    public void Listed_base_urls_are_allowed_in_normal_form(string? written, string expected) =>
        Assert.Equal(expected, Access("abc").CheckBaseUrl(written).BaseUrl);

    [Fact]
    public void Other_base_urls_are_refused()
    {
        var answer = Access("abc").CheckBaseUrl("https://169.254.169.254");

        Assert.Null(answer.BaseUrl);
        Assert.Equal(Reasons.BaseUrlNotAllowed, answer.Refusal!.Reason);
    }

    private static NangoAccess Access(string? token)
    {
        var baseUrls = new BaseUrlPolicy(Own, ["https://listed.example"]);
        return new(baseUrls, new(baseUrls.Default, token, null, ["team-a"], TimeProvider.System));
    }
}
