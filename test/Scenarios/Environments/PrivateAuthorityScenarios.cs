using System.Text.Json.Nodes;
using NangoOrleans.FakeNango;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing;

namespace NangoOrleans.Scenarios.Environments;

/// <summary>A Nango behind TLS with a certificate of the company's own, and what an environment object says about it.</summary>
public sealed class PrivateAuthorityScenarios
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_of_a_private_authority_is_used_with_its_bundle_and_refused_without()
    {
        using var authority = new TestAuthority("ours", TimeProvider.System.GetUtcNow());
        using var other = new TestAuthority("theirs", TimeProvider.System.GetUtcNow());
        using var certificate = authority.IssueForLoopback();
        await using var nango = await FakeNangoServer.StartAsync(new() { Token = OperatorWorld.Token, Certificate = certificate }, Ct);
        await using var world = await OperatorWorld.StartAsync(ServerKind.Real, Ct, ("NangoOrleans__AllowedBaseUrls", nango.BaseUrl));
        await world.ApplyAsync(Manifest.Secret("token", ("token", OperatorWorld.Token)), Ct);

        await world.ApplyAsync(Environment(nango, other.Pem), Ct);
        await world.ApplyAsync(Manifest.Slack("behind-tls", "behind-tls", more: "  environment_ref: {kind: NangoEnvironment, name: private}"), Ct);
        await UntilRefusedAsync(world, "CertificateRefused", "does not come from an authority in spec.ca_bundle");
        await world.ApplyAsync(Environment(nango, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), Ct);
        await UntilRefusedAsync(world, "InvalidSpec", "spec.ca_bundle cannot be read");
        await world.ApplyAsync(Environment(nango, "no PEM"), Ct);
        await UntilRefusedAsync(world, "InvalidSpec", "spec.ca_bundle holds no certificate");
        await world.ApplyAsync(Environment(nango, null), Ct);
        await UntilRefusedAsync(world, "CertificateRefused", "put the certificate of its authority into spec.ca_bundle");
        Assert.Empty(nango.Journal.Entries());

        await world.ApplyAsync(Environment(nango, authority.Pem), Ct);
        await world.UntilEnvironmentAsync("private", s => s.IsReady, Ct);
        await world.UntilAsync("behind-tls", s => s.IsReady, Ct);
        Assert.NotNull(nango.State.Environment().Find("behind-tls"));
        Assert.Empty(world.Nango.Journal.Entries());
    }

    private static async Task UntilRefusedAsync(OperatorWorld world, string reason, string text)
    {
        var refused = new Status(await world.UntilEnvironmentAsync(
            "private", s => s.IsCurrent && s.Reason == reason && ((string?)s.Condition("Ready")!["message"])!.Contains(text, StringComparison.Ordinal), Ct));
        Assert.NotNull(refused.Condition(reason == "InvalidSpec" ? "Stalled" : "Reconciling"));
    }

    private static string Environment(FakeNangoServer nango, string? bundle)
    {
        var spec = new JsonObject
        {
            ["base_url"] = nango.BaseUrl,
            ["token"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = "token", ["key"] = "token" } },
        };
        if (bundle is not null) spec["ca_bundle"] = bundle;
        return new JsonObject
        {
            ["apiVersion"] = "nango.nango.dev/v1alpha1",
            ["kind"] = "NangoEnvironment",
            ["metadata"] = new JsonObject { ["name"] = "private" },
            ["spec"] = spec,
        }.ToJsonString();
    }
}
