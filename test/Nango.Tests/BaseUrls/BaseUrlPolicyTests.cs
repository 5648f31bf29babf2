using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

public sealed class BaseUrlPolicyTests
{
    private static readonly BaseUrlPolicy Policy = new(null,
    [
        "https://nango.example.com",
        "http://nango.nango.svc:3003/",
        "https://proxy.example.com/nango/v1/",
        "http://127.0.0.1:3003",
        "https://[::1]:8443",
        "https://xn--bcher-kva.example",
    ]);

    [Theory]
    [InlineData(null, "https://api.nango.dev")]
    [InlineData("https://api.nango.dev", "https://api.nango.dev")]
    [InlineData("https://api.nango.dev/", "https://api.nango.dev")]
    [InlineData("HTTPS://API.Nango.DEV", "https://api.nango.dev")]
    [InlineData("https://api.nango.dev:443", "https://api.nango.dev")]
    [InlineData("https://api.nango.dev:00443/", "https://api.nango.dev")]
    [InlineData("https://api.nango.dev.", "https://api.nango.dev")]
    [InlineData("https://nango.example.com", "https://nango.example.com")]
    [InlineData("http://nango.nango.svc:3003", "http://nango.nango.svc:3003")]
    [InlineData("https://proxy.example.com/nango/v1", "https://proxy.example.com/nango/v1")]
    [InlineData("http://127.0.0.1:3003/", "http://127.0.0.1:3003")]
    [InlineData("https://[0:0::1]:8443", "https://[::1]:8443")]
    [InlineData("https://XN--Bcher-KVA.example", "https://xn--bcher-kva.example")]
    public void Entries_are_allowed_in_any_spelling_and_come_back_in_one(string? written, string expected) =>
        Assert.Equal(new BaseUrlDecision.Allowed(expected), Policy.Decide(written));

    [Theory]
    [InlineData("")]
    [InlineData("api.nango.dev")]
    [InlineData("//evil")]
    [InlineData("//api.nango.dev@evil")]
    [InlineData("ftp://api.nango.dev")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:https://api.nango.dev")]
    [InlineData("https:/api.nango.dev")]
    [InlineData("https:api.nango.dev")]
    [InlineData("https:///api.nango.dev")]
    [InlineData("https://")]
    [InlineData("https://.")]
    [InlineData("https://api.nango.dev@evil")]
    [InlineData("https://api.nango.dev:443@evil")]
    [InlineData("https://user:CANARY@api.nango.dev")]
    [InlineData("https://@api.nango.dev")]
    [InlineData("https://api.nango.dev%2f@evil")]
    [InlineData("https://api.nango.dev%2fevil")]
    [InlineData("https://api.nango.dev%00.evil")]
    [InlineData("https://%61pi.nango.dev")]
    [InlineData("https://api.nango.dev\\@evil")]
    [InlineData("https:\\\\api.nango.dev")]
    [InlineData("https://evil\\.api.nango.dev")]
    [InlineData("https://api.nango.dev#@evil")]
    [InlineData("https://api.nango.dev?@evil")]
    [InlineData("https://api.nango.dev?x=CANARY")]
    [InlineData("https://api.nango.dev/#")]
    [InlineData("https://evil#api.nango.dev")]
    [InlineData("https://api。nango。dev")]
    [InlineData("https://api.nango.dev。")]
    [InlineData("https://api．nango.dev")]
    [InlineData("https://аpi.nango.dev")]
    [InlineData("https://ⓐpi.nango.dev")]
    [InlineData("https://api.nango.de\u00ADv")]
    [InlineData("https://api.nango.dev\u200B")]
    [InlineData("https://bücher.example")]
    [InlineData(" https://api.nango.dev")]
    [InlineData("https://api.nango.dev ")]
    [InlineData("https://api.nango.dev\n")]
    [InlineData("https://api.nango.dev\r\nHost: evil")]
    [InlineData("https://api.nango.dev\t")]
    [InlineData("https://api.nango\0.dev")]
    [InlineData("https://api..nango.dev")]
    [InlineData("https://api.nango.dev..")]
    [InlineData("https://.api.nango.dev")]
    [InlineData("https://-api.nango.dev")]
    [InlineData("https://api.nango.dev:")]
    [InlineData("https://api.nango.dev:0")]
    [InlineData("https://api.nango.dev:65536")]
    [InlineData("https://api.nango.dev:443:443")]
    [InlineData("https://api.nango.dev:+443")]
    [InlineData("https://api.nango.dev:4４3")]
    [InlineData("https://api.nango.dev//")]
    [InlineData("https://api.nango.dev//evil")]
    [InlineData("https://proxy.example.com/nango/../nango/v1")]
    [InlineData("https://proxy.example.com/nango/./v1")]
    [InlineData("https://proxy.example.com/nango/v1/..")]
    [InlineData("https://proxy.example.com/nango//v1")]
    [InlineData("https://proxy.example.com/nango/v1;x")]
    [InlineData("https://proxy.example.com/nango/%2e%2e/v1")]
    [InlineData("https://[::1%25eth0]:8443")]
    [InlineData("https://[::1")]
    [InlineData("https://[127.0.0.1]")]
    [InlineData("https://[]")]
    [InlineData("http://2130706433:3003")]
    [InlineData("http://0x7f000001:3003")]
    [InlineData("http://0x7f.0.0.1:3003")]
    [InlineData("http://0177.0.0.1:3003")]
    [InlineData("http://127.1:3003")]
    [InlineData("http://127.000.0.1:3003")]
    public void Whatever_two_parsers_might_read_differently_is_refused_unquoted(string written)
    {
        var failure = Assert.IsType<BaseUrlDecision.Refused>(Policy.Decide(written)).Failure;

        Assert.Equal((FailureKind.Terminal, Reasons.BaseUrlNotAllowed), (failure.Kind, failure.Reason));
        Assert.StartsWith("spec.nango_base_url ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("evil", failure.Message, StringComparison.Ordinal);
        Assert.All(failure.Message, c => Assert.False(char.IsControl(c)));
    }

    [Theory]
    [InlineData("https://evil")]
    [InlineData("https://api.nango.dev.evil")]
    [InlineData("https://evil.api.nango.dev")]
    [InlineData("https://api-nango.dev")]
    [InlineData("https://api.nango.dev:444")]
    [InlineData("https://api.nango.dev/path")]
    [InlineData("http://api.nango.dev")]
    [InlineData("http://api.nango.dev:443")]
    [InlineData("http://nango.example.com")]
    [InlineData("https://nango.example.com/nango")]
    [InlineData("https://proxy.example.com")]
    [InlineData("https://proxy.example.com/nango")]
    [InlineData("https://proxy.example.com/nango/v1/x")]
    [InlineData("https://proxy.example.com/Nango/v1")]
    [InlineData("https://nango.nango.svc:3003")]
    [InlineData("http://nango.nango.svc")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.2:3003")]
    [InlineData("http://localhost:3003")]
    [InlineData("https://[::ffff:127.0.0.1]:3003")]
    [InlineData("http://169.254.169.254")]
    public void Well_formed_strangers_are_refused_with_the_setting_to_change(string written)
    {
        var failure = Assert.IsType<BaseUrlDecision.Refused>(Policy.Decide(written)).Failure;

        Assert.Equal((FailureKind.Terminal, Reasons.BaseUrlNotAllowed), (failure.Kind, failure.Reason));
        Assert.Contains("NangoOrleans:AllowedBaseUrls", failure.Message, StringComparison.Ordinal);
        Assert.Contains(written, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_operators_own_base_url_is_allowed_whatever_its_scheme_and_the_built_in_one_no_longer()
    {
        var policy = new BaseUrlPolicy("http://LOCALHOST:3003/", []);

        Assert.Equal("http://localhost:3003", policy.Default);
        Assert.Equal(new BaseUrlDecision.Allowed("http://localhost:3003"), policy.Decide(null));
        Assert.Equal(new BaseUrlDecision.Allowed("http://localhost:3003"), policy.Decide("http://localhost:3003"));
        Assert.IsType<BaseUrlDecision.Refused>(policy.Decide(BaseUrlPolicy.BuiltInDefault));
        Assert.Equal(["http://localhost:3003"], policy.AdministratorOrigins);
    }

    [Fact]
    public void Only_origins_that_were_written_down_may_be_private()
    {
        string[] expected =
        [
            "http://127.0.0.1:3003", "http://nango.nango.svc:3003", "https://[::1]:8443", "https://nango.example.com",
            "https://proxy.example.com", "https://xn--bcher-kva.example",
        ];

        Assert.Equal(expected, Policy.AdministratorOrigins.Order(StringComparer.Ordinal));
        Assert.Empty(new BaseUrlPolicy("", []).AdministratorOrigins);
        Assert.Equal(["https://api.nango.dev"], new BaseUrlPolicy(null, ["https://api.nango.dev"]).AdministratorOrigins);
    }

    [Fact]
    public void An_unusable_entry_stops_the_operator_with_its_place()
    {
        var list = Assert.Throws<FormatException>(() => new BaseUrlPolicy(null, ["https://nango.example.com", "https://user:CANARY@x"]));
        var own = Assert.Throws<FormatException>(() => new BaseUrlPolicy("nango.example.com", []));

        Assert.Equal("NangoOrleans:AllowedBaseUrls[1] contains a user name or an @.", list.Message);
        Assert.Equal("NANGO_BASE_URL must begin with https://.", own.Message);
    }

    [Fact]
    public void Every_normal_form_means_the_same_to_the_http_client()
    {
        foreach (var url in (string[])[BaseUrlPolicy.BuiltInDefault, .. Policy.AdministratorOrigins])
            Assert.Equal(url, new Uri(url + "/integrations").GetLeftPart(UriPartial.Authority));
    }
}
