using System.Net;
using Microsoft.Extensions.Configuration;

namespace NangoOrleans.Configuration;

public sealed class SettingsReaderTests
{
    [Theory]
    [InlineData("Http:Port", "-1", "must be between 0 and 65535, was -1.")]
    [InlineData("Dashboard:Port", "65536", "must be between 0 and 65535, was 65536.")]
    [InlineData("Orleans:SiloPort", "abc", "must be a whole number, was abc.")]
    [InlineData("Orleans:GatewayPort", "", "must be a whole number, was empty.")]
    [InlineData("Orleans:Installation", "Mine!", "must be lower-case letters, digits and hyphens, was Mine!.")]
    [InlineData("Clustering", "Consul", "must be Development or Kubernetes, was Consul.")]
    [InlineData("Clustering", "7", "must be Development or Kubernetes, was 7.")]
    [InlineData("BindAddress", "everywhere", "must be an IP address, localhost or *, was everywhere.")]
    [InlineData("DefaultCredential:Namespaces", "Team A", "must hold names of namespaces or *, was Team A.")]
    [InlineData("Watch:Namespaces", "*", "must hold names of namespaces, was *.")]
    [InlineData("Resync:Interval", "soon", "must be a duration such as 90s, 10m or 1h30m, was soon.")]
    [InlineData("Resync:Interval", "59s", "must be between 00:01:00 and 30 days, was 00:00:59.")]
    [InlineData("Deletion:GiveUpAfter", "0s", "must be between 00:00:01 and 30 days, was 00:00:00.")]
    [InlineData("Secrets:Watch", "yes", "must be true or false, was yes.")]
    [InlineData("Htp:Port", "1", "is not a setting; see docs/guide/settings.md for the list.")]
    [InlineData("Http:Prot", "1", "is not a setting; see docs/guide/settings.md for the list.")]
    public void Mistake_is_named_by_its_setting(string path, string value, string complaint)
    {
        var (_, problems) = Read((path, value));

        var name = path == "Htp:Port" ? "Htp" : path;
        Assert.Equal([$"NangoOrleans:{name} (environment NangoOrleans__{name.Replace(":", "__", StringComparison.Ordinal)}) {complaint}"], problems);
    }

    [Fact]
    public void Every_mistake_is_reported_at_once()
    {
        var (_, problems) = Read(("Http:Port", "x"), ("Resync:Interval", "1s"), ("Unheard", "of"));

        Assert.Equal(3, problems.Count);
    }

    [Fact]
    public void Same_port_twice_is_a_mistake_but_free_ports_are_not()
    {
        var (_, same) = Read(("Http:Port", "9000"), ("Dashboard:Port", "9000"));
        var (_, free) = Read(("Http:Port", "0"), ("Dashboard:Port", "0"));

        Assert.Contains("must differ, both were 9000.", Assert.Single(same), StringComparison.Ordinal);
        Assert.Empty(free);
    }

    [Fact]
    public void Defaults_hold_where_nothing_is_set()
    {
        var (options, problems) = Read();

        Assert.Empty(problems);
        Assert.Equal((8080, 8081, 11111, 30000), (options.Http.Port, options.Dashboard.Port, options.Orleans.SiloPort, options.Orleans.GatewayPort));
        Assert.Equal(IPAddress.Loopback, options.ListenAddress);
        Assert.Equal(["*"], options.DefaultCredential.Namespaces);
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), true), (options.Resync.Interval, options.Deletion.GiveUpAfter, options.Secrets.Watch));
    }

    [Fact]
    public void Every_setting_can_be_set()
    {
        var (options, problems) = Read(
            ("Clustering", "kubernetes"), ("BindAddress", "::1"), ("AllowedBaseUrls:0", "https://a.example"), ("AllowedBaseUrls:1", "http://b.example:3003"),
            ("Http:Port", "1"), ("Dashboard:Port", "2"), ("Orleans:SiloPort", "3"), ("Orleans:GatewayPort", "4"), ("Orleans:Installation", "blue"), ("Orleans:DistributedDirectory", "false"),
            ("DefaultCredential:Namespaces", "a, b"), ("Watch:Namespaces:0", "c"), ("Watch:LabelSelector", "team=x"), ("Resync:Interval", "00:05:00"),
            ("Deletion:GiveUpAfter", "2h"), ("Secrets:Watch", "False"));

        Assert.Empty(problems);
        Assert.Equal(ClusteringKind.Kubernetes, options.Clustering);
        Assert.Equal(IPAddress.IPv6Loopback, options.ListenAddress);
        Assert.Equal(["https://a.example", "http://b.example:3003"], options.AllowedBaseUrls);
        Assert.Equal((1, 2, 3, 4, "blue"), (options.Http.Port, options.Dashboard.Port, options.Orleans.SiloPort, options.Orleans.GatewayPort, options.Orleans.Installation));
        Assert.False(options.Orleans.DistributedDirectory);
        Assert.Equal(["a", "b"], options.DefaultCredential.Namespaces);
        Assert.Equal(("c", "team=x"), (Assert.Single(options.Watch.Namespaces), options.Watch.LabelSelector));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromHours(2), false), (options.Resync.Interval, options.Deletion.GiveUpAfter, options.Secrets.Watch));
    }

    [Fact]
    public void Empty_text_means_an_empty_list()
    {
        var (options, problems) = Read(("DefaultCredential:Namespaces", ""), ("AllowedBaseUrls", ""));

        Assert.Empty(problems);
        Assert.Empty(options.DefaultCredential.Namespaces);
        Assert.Empty(options.AllowedBaseUrls);
    }

    [Fact]
    public void Token_and_token_file_together_are_a_mistake()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("NANGO_TOKEN", "a"), new("NANGO_TOKEN_FILE", "/b")]).Build();

        var (_, problems) = OperatorEnvironment.Read(configuration);

        Assert.Equal(["NANGO_TOKEN and NANGO_TOKEN_FILE are both set; set one of them."], problems);
    }

    [Theory]
    [InlineData("NANGO_BASE_URL", "api.nango.dev", "NANGO_BASE_URL must begin with https://.")]
    [InlineData("NangoOrleans:AllowedBaseUrls:1", "https://me:secret@host", "NangoOrleans:AllowedBaseUrls[1] contains a user name or an @.")]
    public void Unusable_base_url_is_a_mistake_that_does_not_quote_it(string key, string value, string problem)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("NangoOrleans:AllowedBaseUrls:0", "https://nango.example"), new(key, value)])
            .Build();

        Assert.Equal([problem], OperatorSettings.Read(configuration).Problems);
    }

    private static (OperatorOptions Options, IReadOnlyList<string> Problems) Read(params (string Path, string Value)[] settings) =>
        SettingsReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"NangoOrleans:{s.Path}", (string?)s.Value)))
            .Build());
}
