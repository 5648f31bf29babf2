using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Failures;
using NangoOrleans.Testing;

namespace NangoOrleans.Nango.Tests;

/// <summary>Servers whose certificate comes from an authority that the system does not know (<c>spec.ca_bundle</c>).</summary>
public sealed class PrivateAuthorityTests : IDisposable
{
    private readonly TestAuthority _ours = new("ours", TimeProvider.System.GetUtcNow());
    private readonly TestAuthority _theirs = new("theirs", TimeProvider.System.GetUtcNow());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_is_trusted_whose_authority_is_in_the_bundle(bool amongOthers)
    {
        using var certificate = _ours.IssueForLoopback();
        await using var server = await ServeAsync(certificate);
        await using var host = HostFor(server);

        var bundle = amongOthers ? _theirs.Pem + "\n" + _ours.Pem : _ours.Pem;

        Assert.Empty(await ClientTo(server, host, bundle).ListAsync(Stop));
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task A_server_of_another_authority_is_refused_and_the_field_is_named()
    {
        using var certificate = _ours.IssueForLoopback();
        await using var server = await ServeAsync(certificate);
        await using var host = HostFor(server);

        var wrong = await RefusalAsync(ClientTo(server, host, _theirs.Pem));
        var missing = await RefusalAsync(ClientTo(server, host, null));

        Assert.Equal("The server's certificate does not come from an authority in spec.ca_bundle: put the certificate of its authority there.", wrong.Message);
        Assert.Contains("into spec.ca_bundle of an environment object", missing.Message, StringComparison.Ordinal);
        Assert.Empty(server.Seen);
    }

    [Theory]
    [InlineData("not PEM at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public async Task A_bundle_that_cannot_be_read_trusts_nobody(string bundle)
    {
        using var certificate = _ours.IssueForLoopback();
        await using var server = await ServeAsync(certificate);
        await using var host = HostFor(server);

        var failure = await RefusalAsync(ClientTo(server, host, bundle));

        Assert.Contains("spec.ca_bundle", failure.Message, StringComparison.Ordinal);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task Another_name_and_an_expired_certificate_are_told_apart()
    {
        using var foreign = _ours.IssueFor("nango.example.com");
        using var old = _ours.IssueExpired();
        await using var elsewhere = await ServeAsync(foreign);
        await using var expired = await ServeAsync(old);
        await using var host = HostFor(elsewhere, expired);

        Assert.Contains("is not for the host of spec.nango_base_url", (await RefusalAsync(ClientTo(elsewhere, host, _ours.Pem))).Message, StringComparison.Ordinal);
        Assert.Contains("has expired", (await RefusalAsync(ClientTo(expired, host, _ours.Pem))).Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Seen);
        Assert.Empty(expired.Seen);
    }

    [Fact]
    public async Task Pools_of_bundles_that_nobody_uses_any_more_are_given_up()
    {
        var time = new FakeTimeProvider();
        using var certificate = _ours.IssueForLoopback();
        await using var server = await ServeAsync(certificate);
        await using var host = HostFor(time, server);
        await ClientTo(server, host, _ours.Pem).ListAsync(Stop);
        await ClientTo(server, host, _theirs.Pem + "\n" + _ours.Pem).ListAsync(Stop);
        Assert.Equal(2, host.Connections.TrustingCount);

        for (var minute = 0; minute < 12; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await ClientTo(server, host, _ours.Pem).ListAsync(Stop);
        }

        Assert.Equal(1, host.Connections.TrustingCount);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(0, host.Connections.TrustingCount);
        Assert.Empty(await ClientTo(server, host, _ours.Pem).ListAsync(Stop));
    }

    private static Task<OddServer> ServeAsync(X509Certificate2 certificate) => OddServer.StartAsync(
        context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.Body.WriteAsync("""{"data":[]}"""u8.ToArray(), Stop).AsTask();
        },
        certificate);

    private static ClientHost HostFor(params OddServer[] servers) => HostFor(TimeProvider.System, servers);

    private static ClientHost HostFor(TimeProvider time, params OddServer[] servers) =>
        new(options => options.PrivateAddressOrigins.UnionWith(servers.Select(server => server.BaseUrl)), time);

    private static INangoClient ClientTo(OddServer server, ClientHost host, string? bundle) =>
        host.ClientOf(new NangoEndpoint(server.BaseUrl, ClientHost.Token, "environment", bundle));

    private static async Task<Failure> RefusalAsync(INangoClient client)
    {
        var failure = await ClientHost.FailureOfAsync(() => client.CreateAsync(Calls.Creation, Stop));
        Assert.Equal((FailureKind.Transient, Reasons.CertificateRefused, false), (failure.Kind, failure.Reason, failure.OutcomeUnknown));
        return failure;
    }
}
