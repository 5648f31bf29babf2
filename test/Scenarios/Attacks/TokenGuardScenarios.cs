using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.Attacks;

/// <summary>
/// A tenant may write any resource into a namespace and wants the operator's token, or somebody else's, or a request to where only
/// the operator can reach. Each attempt is applied to the real API server; what servers saw decides.
/// </summary>
public sealed class TokenGuardScenarios(AttackedWorld attacked) : IClassFixture<AttackedWorld>
{
    private const string Literal = "$(NANGO_TOKEN)";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_literal_works_where_it_may_so_what_follows_is_no_accident()
    {
        var world = await attacked.GetAsync(Ct);

        await world.ApplyAsync(Attempt("legitimate", token: Literal), Ct);
        await world.UntilAsync("legitimate", s => s.IsReady, Ct);

        Assert.NotNull(world.Nango.State.Environment().Find("key-legitimate"));
    }

    [Fact]
    public async Task A_token_of_the_tenants_own_does_reach_a_listed_server()
    {
        var world = await attacked.GetAsync(Ct);
        const string Own = "0c4ca2a6-58c9-4f6e-8b4d-3d1f0a8c7e55";

        await world.ApplyAsync(Attempt("own-token", token: Own, url: attacked.Listed.BaseUrl), Ct);
        await world.UntilAsync("own-token", s => s.Condition("Stalled") is not null, Ct);

        Assert.Contains(attacked.Listed.Requests, request => request.Contains(Own, StringComparison.Ordinal));
        attacked.AssertNothingLeaked();
    }

    [Theory]
    [InlineData("$(NANGO_TOKEN)")]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    public async Task The_operators_token_goes_to_no_other_listed_server(string? token)
    {
        var world = await attacked.GetAsync(Ct);
        var name = Name("elsewhere", token ?? "none");
        var before = attacked.Listed.Requests.Count;

        await world.ApplyAsync(Attempt(name, token, attacked.Listed.BaseUrl), Ct);
        var refused = await world.UntilAsync(name, s => s.Condition("Stalled") is not null, Ct);

        Assert.Contains(new Status(refused).Reason, (string[])["DefaultCredentialNotAllowed", "InvalidSpec"]);
        Assert.Equal(before, attacked.Listed.Requests.Count);
        attacked.AssertNothingLeaked();
    }

    [Theory]
    [InlineData("Bearer $(NANGO_TOKEN)")]
    [InlineData("$(NANGO_TOKEN)x")]
    [InlineData("$(NANGO_TOKEN)$(NANGO_TOKEN)")]
    [InlineData("$($(NANGO_TOKEN))")]
    [InlineData("$(nango_token)")]
    [InlineData("$( NANGO_TOKEN )")]
    [InlineData("$$(NANGO_TOKEN)")]
    [InlineData("${NANGO_TOKEN}")]
    [InlineData("$NANGO_TOKEN")]
    [InlineData("%NANGO_TOKEN%")]
    [InlineData("$(NANGO_TOKEN_FILE)")]
    [InlineData("$(KUBECONFIG)")]
    [InlineData("$(cat /proc/self/environ)")]
    public async Task Nothing_but_the_exact_literal_is_expanded(string token)
    {
        var world = await attacked.GetAsync(Ct);
        var (there, here) = (Name("expand", token), Name("expand-here", token));

        await world.ApplyAsync(Attempt(there, token, attacked.Listed.BaseUrl), Ct);
        await world.ApplyAsync(Attempt(here, token), Ct);
        await world.UntilAsync(there, s => s.Condition("Stalled") is not null, Ct);
        var refused = new Status(await world.UntilAsync(here, s => s.Condition("Stalled") is not null, Ct));

        Assert.Contains(refused.Reason, (string[])["InvalidSpec", "TokenMalformed", "TokenRefused"]);
        Assert.Null(world.Nango.State.Environment().Find($"key-{here}"));
        attacked.AssertNothingLeaked();
    }

    [Fact]
    public async Task A_literal_out_of_a_Secret_or_in_another_field_is_only_text()
    {
        var world = await attacked.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Secret("literal", ("token", Literal)), Ct);
        await world.ApplyAsync(Attempt("literal-secret", url: attacked.Listed.BaseUrl, more: "  nango_token: {secretKeyRef: {name: literal, key: token} }"), Ct);
        await world.ApplyAsync(Attempt("literal-value", url: attacked.Listed.BaseUrl, more: $"  nango_token: {{value: \"{Literal}\"}}"), Ct);
        await world.ApplyAsync(
            Manifest.Slack("literal-fields", "literal-fields", $"\"{Literal}\"", $"  custom: {{a: \"{Literal}\"}}").Replace("the-client-secret", $"\"{Literal}\"", StringComparison.Ordinal), Ct);

        await world.UntilAsync("literal-secret", s => s.Condition("Stalled") is not null, Ct);
        await world.UntilAsync("literal-value", s => s.Condition("Stalled") is not null, Ct);
        await world.UntilAsync("literal-fields", s => s.IsReady || s.Condition("Stalled") is not null, Ct);

        attacked.AssertNothingLeaked();
    }

    public static TheoryData<string> Urls =>
    [
        "http://FOREIGN", "HTTP://FOREIGN", "http://FOREIGN/", "http://localhost:FOREIGNPORT", "http://LOCALHOST.:FOREIGNPORT",
        "http://NANGO@FOREIGN", "http://NANGO:x@FOREIGN", "http://FOREIGN@NANGO", "http://NANGO%40FOREIGN", "http://NANGO#@FOREIGN", "http://NANGO?@FOREIGN",
        @"http://NANGO\@FOREIGN", @"http:\\FOREIGN", "http:FOREIGN", "//FOREIGN", "http:///FOREIGN", "http://NANGO/../..//FOREIGN", "http://NANGO/./", "http://NANGO/%2e%2e/",
        "http://NANGOHOST:FOREIGNPORT", "http://NANGOHOST:0FOREIGNPORT", "http://NANGO:FOREIGNPORT", "http://NANGOHOST", "http://NANGOHOST:99999",
        "http://0x7f.1:FOREIGNPORT", "http://2130706433:FOREIGNPORT", "http://127.1:FOREIGNPORT", "http://0177.0.0.1:FOREIGNPORT", "http://[::ffff:127.0.0.1]:FOREIGNPORT", "http://[::1]:FOREIGNPORT", "http://0:FOREIGNPORT",
        "http://127。0。0。1:FOREIGNPORT", "http://１２７.0.0.1:FOREIGNPORT", "http://ⓛocalhost:FOREIGNPORT", "http://xn--localhost-:FOREIGNPORT", "http://lоcalhost:FOREIGNPORT",
        "http://169.254.169.254", "http://169.254.169.254/latest/meta-data", "http://metadata.google.internal", "http://[fd00:ec2::254]", "http://10.0.0.1", "https://kubernetes.default.svc",
        "http://nango.example.com", "https://nango.example.com:8443", "https://nango.example.com.evil.example", "https://evil.nango.example.com", "https://nango.example.com@FOREIGN",
        "http://MAPPED", "http://MAPPED/only", "http://MAPPED/only/here/../../there", "http://MAPPED/only/hereafter", "http://MAPPED//only/here", "http://MAPPED/ONLY/here",
        "ftp://FOREIGN", "file:///etc/passwd", "gopher://FOREIGN", "javascript:alert(1)", "unix:///var/run/docker.sock", " http://FOREIGN", "http://NANGO\n@FOREIGN", "http://NANGO\t.FOREIGN", "http://NANGO%0d%0aHost:FOREIGN",
    ];

    [Theory, MemberData(nameof(Urls))]
    public async Task No_spelling_of_a_base_url_leads_where_nobody_allowed(string pattern)
    {
        var world = await attacked.GetAsync(Ct);
        var (name, url) = (Name("url", pattern), Fill(world, pattern));
        var listed = attacked.Listed.Requests.Count;

        await world.ApplyAsync(Attempt(name, Literal, url), Ct);
        await world.ApplyAsync(EnvironmentOf(name, url), Ct);
        var refused = new Status(await world.UntilAsync(name, s => s.Condition("Stalled") is not null, Ct));
        var environment = new Status(await world.UntilEnvironmentAsync(name, s => s.Condition("Stalled") is not null, Ct));

        Assert.Equal(("BaseUrlNotAllowed", "BaseUrlNotAllowed"), (refused.Reason, environment.Reason));
        Assert.Null(world.Nango.State.Environment().Find($"key-{name}"));
        Assert.Equal(listed, attacked.Listed.Requests.Count);
        attacked.AssertNothingLeaked();
    }

    [Theory]
    [InlineData("http://nango.example.com", "plain http only as an entry of its own")]
    [InlineData("http://user@nango.example.com", "user name")]
    public async Task What_is_wrong_with_a_base_url_is_told(string url, string expected)
    {
        var world = await attacked.GetAsync(Ct);
        var name = Name("told", url);

        await world.ApplyAsync(Attempt(name, Literal, url), Ct);

        Assert.Contains(expected, new Status(await world.UntilAsync(name, s => s.Reason == "BaseUrlNotAllowed", Ct)).Message);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        var world = await attacked.GetAsync(Ct);
        var (name, token) = ($"redirect-{status}", $"11111111-2222-4333-8444-55555555{status}0");
        attacked.Listed.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = attacked.Foreign.BaseUrl + context.Request.Path;
            return Task.CompletedTask;
        };
        await world.ApplyAsync(Manifest.Secret(name, ("token", token)), Ct);
        await world.ApplyAsync(EnvironmentOf(name, attacked.Listed.BaseUrl), Ct);
        await world.ApplyAsync(Attempt(name, token, attacked.Listed.BaseUrl), Ct);

        Assert.Equal("UnexpectedAnswer", new Status(await world.UntilEnvironmentAsync(name, s => s.Condition("Stalled") is not null, Ct)).Reason);
        Assert.Equal("UnexpectedAnswer", new Status(await world.UntilAsync(name, s => s.Condition("Stalled") is not null, Ct)).Reason);

        Assert.Contains(attacked.Listed.Requests, request => request.Contains(token, StringComparison.Ordinal));
        attacked.AssertNothingLeaked();
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("../connections")]
    [InlineData("../../connections?limit=1")]
    [InlineData("a/../../connections")]
    [InlineData("..%2fconnections")]
    [InlineData("%2e%2e")]
    [InlineData("a%2fb")]
    [InlineData("a?include=credentials")]
    [InlineData("a#b")]
    [InlineData("a\\b")]
    [InlineData("a;b")]
    [InlineData("a\nb")]
    [InlineData("a\n")]
    [InlineData("a\u0000b")]
    [InlineData("ａ")]
    public async Task A_key_cannot_leave_its_place_in_the_path(string key)
    {
        var world = await attacked.GetAsync(Ct);
        var name = Name("key", key);
        var before = world.Nango.Journal.LastSeq;

        var accepted = await TryCreateAsync(world, Manifest.Slack(name, JsonSerializer.Serialize(key)));
        if (accepted) Assert.Equal("InvalidSpec", new Status(await world.UntilAsync(name, s => s.Condition("Stalled") is not null, Ct)).Reason);
        accepted = await TryCreateAsync(world, Manifest.Slack(name + "-p", name).Replace("provider: slack", $"provider: {JsonSerializer.Serialize(key)}", StringComparison.Ordinal));
        if (accepted) await world.UntilAsync(name + "-p", s => s.Condition("Stalled") is not null, Ct);

        // Of the whole operator nothing but the list, the catalogue and the other tests' own keys.
        Assert.DoesNotContain(world.Nango.Journal.Entries(before), entry => entry.Path.StartsWith("/connections", StringComparison.Ordinal) || entry.Path.Contains("..", StringComparison.Ordinal) || entry.Path.Contains("%2f", StringComparison.OrdinalIgnoreCase));
        attacked.AssertNothingLeaked();
    }

    [Fact]
    public async Task Odd_but_legal_keys_stay_one_segment()
    {
        var world = await attacked.GetAsync(Ct);
        const string Key = "a@b:~ c..d";

        await world.ApplyAsync(Manifest.Slack("odd", JsonSerializer.Serialize(Key)), Ct);
        await world.UntilAsync("odd", s => s.IsReady, Ct);
        await world.PatchAsync("odd", """{"spec":{"display_name":"Other"}}""", Ct);
        await world.UntilAsync("odd", s => s.IsReady && s.Reason == "Updated", Ct);

        Assert.Equal("Other", world.Nango.State.Environment().Find(Key)!.DisplayName);
    }

    [Theory]
    [InlineData("../../somebody-else/secrets/token")]
    [InlineData("..%2f..%2fsomebody-else%2fsecrets%2ftoken")]
    [InlineData("somebody-else/token")]
    [InlineData("token?namespace=somebody-else")]
    [InlineData("token#")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("token")]
    public async Task A_Secret_of_another_namespace_is_out_of_reach(string secret)
    {
        var world = await attacked.GetAsync(Ct);
        var (name, quoted) = (Name("secret", secret), JsonSerializer.Serialize(secret));
        var url = attacked.Listed.BaseUrl;

        await ApplyIfTakenAsync(world, Attempt(name, url: url, more: $"  nango_token: {{secretKeyRef: {{name: {quoted}, key: token, namespace: {AttackedWorld.OthersNamespace}}} }}"), name);
        await ApplyIfTakenAsync(world, Attempt(name + "-w", url: url, token: "0c4ca2a6-58c9-4f6e-8b4d-3d1f0a8c7e55", credentials: $"{{type: OAUTH2, secret_ref: {{name: {quoted}, namespace: {AttackedWorld.OthersNamespace}}} }}"), name + "-w");
        if (await TryCreateAsync(world, $$"""
            apiVersion: nango.nango.dev/v1alpha1
            kind: NangoEnvironment
            metadata: {name: {{name}} }
            spec: {base_url: "{{url}}", token: {secretKeyRef: {name: {{quoted}}, key: token, namespace: {{AttackedWorld.OthersNamespace}}} } }
            """))
            Assert.Equal("SecretNotFound", new Status(await world.UntilEnvironmentAsync(name, s => s.Reason is not null, Ct)).Reason);

        attacked.AssertNothingLeaked();

        static async Task ApplyIfTakenAsync(OperatorWorld world, string yaml, string name)
        {
            if (await TryCreateAsync(world, yaml)) await world.UntilAsync(name, s => s.Reason is "SecretNotFound" or "InvalidSpec", Ct);
        }
    }

    [Fact]
    public async Task A_cluster_environment_serves_no_namespace_that_it_does_not_allow()
    {
        var world = await attacked.GetAsync(Ct);
        var before = attacked.Listed.Requests.Count;
        const string Names = $"names: [{AttackedWorld.OthersNamespace}]";
        await world.ApplyAsync($$"""
            apiVersion: nango.nango.dev/v1alpha1
            kind: ClusterNangoEnvironment
            metadata: {name: not-for-you}
            spec:
              base_url: {{world.Nango.BaseUrl}}
              token: {secretKeyRef: {namespace: {{AttackedWorld.OthersNamespace}}, name: token, key: token} }
              allowed_namespaces: { {{Names}} }
            """, Ct);
        string[] references = ["{kind: ClusterNangoEnvironment, name: not-for-you}", "{kind: ClusterNangoEnvironment, name: not-for-you, namespace: somebody-else}", "{kind: NangoEnvironment, name: not-for-you}", "{kind: NangoEnvironment, name: ../../../clusternangoenvironments/not-for-you}"];

        foreach (var (reference, index) in references.Select((reference, index) => (reference, index)))
        {
            var name = $"uninvited-{index}";
            Assert.True(await TryCreateAsync(world, Manifest.Slack(name, name, more: $"  environment_ref: {reference}")));
            await world.UntilAsync(name, s => s.Reason is "EnvironmentNotAllowed" or "EnvironmentNotFound", Ct);
            Assert.Null(world.Nango.State.Environment().Find(name));
        }

        // The credential of an environment beside a server of the tenant's own: no API server that knows the definition takes it.
        Assert.False(await TryCreateAsync(world, Manifest.Slack("uninvited-url", "uninvited-url", more: $"  environment_ref: {references[0]}\n  nango_base_url: {attacked.Listed.BaseUrl}")));
        Assert.Equal(before, attacked.Listed.Requests.Count);
        attacked.AssertNothingLeaked();
    }

    private static string Attempt(string name, string? token = null, string? url = null, string more = "", string credentials = "{type: OAUTH2, client_id: a, client_secret: b}") => $"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: NangoIntegration
        metadata: {Braces($"name: {name}")}
        spec:
          unique_key: key-{name}
          provider: slack
          display_name: Attempt
          credentials: {credentials}
          {(token is null ? "" : $"nango_token: {JsonSerializer.Serialize(token)}")}
          {(url is null ? "" : $"nango_base_url: {JsonSerializer.Serialize(url)}")}
        {more}
        """;

    private static string EnvironmentOf(string name, string url) => $"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: NangoEnvironment
        metadata: {Braces($"name: {name}")}
        spec:
          base_url: {JsonSerializer.Serialize(url)}
          token: {Braces($"secretKeyRef: {Braces($"name: {name}, key: token")} ")}
        """;

    private static string Braces(string text) => $"{{{text}}}";

    // A plain create, without client-side or strict validation: unknown fields are left to the schema.
    private static async Task<bool> TryCreateAsync(OperatorWorld world, string yaml)
    {
        using var http = world.Server.CreateHttpClient();
        foreach (var document in YamlDocuments.Parse(yaml))
        {
            var plural = (string?)document["kind"] == "NangoEnvironment" ? "nangoenvironments" : "nangointegrations";
            using var answer = await http.PostAsJsonAsync($"apis/nango.nango.dev/v1alpha1/namespaces/{world.Namespace}/{plural}", document, Ct);
            if (answer.StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest) return false;
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
        }

        return true;
    }

    private string Fill(OperatorWorld world, string pattern)
    {
        var nango = new Uri(world.Nango.BaseUrl);
        return pattern
            .Replace("FOREIGNPORT", $"{attacked.Foreign.Port}", StringComparison.Ordinal)
            .Replace("FOREIGN", $"127.0.0.1:{attacked.Foreign.Port}", StringComparison.Ordinal)
            .Replace("MAPPED", $"127.0.0.1:{attacked.Mapped.Port}", StringComparison.Ordinal)
            .Replace("NANGOHOST", nango.Host, StringComparison.Ordinal)
            .Replace("NANGO", nango.Authority, StringComparison.Ordinal);
    }

    // Two attempts of one kind must not meet in one resource.
    private static string Name(string kind, string attempt) =>
        $"{kind}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(attempt)).AsSpan(0, 4))}";
}
