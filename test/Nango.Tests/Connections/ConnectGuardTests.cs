using System.Net;
using System.Net.Sockets;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

public sealed class ConnectGuardTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("10.0.0.1")]
    public async Task A_public_name_that_leads_to_a_private_address_is_refused(string address)
    {
        await using var server = await OddServer.StartAsync(200, """{"data":[]}""");
        await using var host = new ClientHost(resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]));
        var client = host.Client($"http://nango.example.com:{new Uri(server.BaseUrl).Port}");

        foreach (var call in Calls.All.Values)
        {
            var failure = await ClientHost.FailureOfAsync(() => call(client, Stop));

            Assert.Equal((FailureKind.Terminal, Reasons.BaseUrlNotAllowed, false), (failure.Kind, failure.Reason, failure.OutcomeUnknown));
            Assert.Contains(BaseUrlPolicy.Setting, failure.Message, StringComparison.Ordinal);
        }

        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task A_private_address_written_as_such_is_refused_too()
    {
        await using var server = await OddServer.StartAsync(200, """{"data":[]}""");
        await using var host = new ClientHost();

        var failure = await ClientHost.FailureOfAsync(() => host.Client(server.BaseUrl).ListAsync(Stop));

        Assert.Equal(Reasons.BaseUrlNotAllowed, failure.Reason);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task An_origin_that_an_administrator_wrote_down_may_be_private()
    {
        await using var server = await OddServer.StartAsync(200, """{"data":[]}""");
        var origin = $"http://nango.nango.svc:{new Uri(server.BaseUrl).Port}";
        await using var host = new ClientHost(
            options => options.PrivateAddressOrigins.UnionWith(new BaseUrlPolicy(null, [origin + "/api"]).AdministratorOrigins),
            resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

        Assert.Empty(await host.Client(origin).ListAsync(Stop));
        Assert.Empty(await host.Client(origin + "/api").ListAsync(Stop));
    }

    [Fact]
    public async Task A_name_that_changes_its_address_is_judged_at_every_connection()
    {
        await using var server = await OddServer.StartAsync(context =>
        {
            context.Response.Headers.Connection = "close";
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var port = new Uri(server.BaseUrl).Port;
        var resolutions = 0;
        await using var host = new ClientHost(resolve: (_, _) => Task.FromResult<IPAddress[]>(
            Interlocked.Increment(ref resolutions) == 1 ? throw new SocketException((int)SocketError.TryAgain) : [IPAddress.Loopback]));
        var client = host.Client($"http://rebind.example.com:{port}");

        var first = await ClientHost.FailureOfAsync(() => client.ListAsync(Stop));
        var second = await ClientHost.FailureOfAsync(() => client.ListAsync(Stop));

        Assert.Equal((FailureKind.Transient, Reasons.Unreachable), (first.Kind, first.Reason));
        Assert.Equal(Reasons.BaseUrlNotAllowed, second.Reason);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public void Private_addresses_among_public_ones_are_left_out()
    {
        IPAddress[] resolved = [IPAddress.Loopback, IPAddress.Parse("8.8.8.8"), IPAddress.Parse("fd00::1"), IPAddress.Parse("2606:4700::1111")];

        Assert.Equal([resolved[1], resolved[3]], ConnectGuard.PublicOnly(resolved));
        Assert.Throws<FailureException>(() => ConnectGuard.PublicOnly([IPAddress.Loopback, IPAddress.IPv6Loopback]));
    }

    [Theory]
    [InlineData("create")]
    [InlineData("get")]
    public async Task An_unknown_host_is_transient_and_nothing_was_sent(string call)
    {
        await using var host = new ClientHost(resolve: (_, _) => throw new SocketException((int)SocketError.HostNotFound));

        var failure = await ClientHost.FailureOfAsync(() => Calls.All[call](host.Client("https://nowhere.example.com"), Stop));

        Assert.Equal((FailureKind.Transient, Reasons.Unreachable, false), (failure.Kind, failure.Reason, failure.OutcomeUnknown));
        Assert.Contains("resolved", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_is_transient_and_nothing_was_sent()
    {
        // Bound and not listening: nobody else gets the port meanwhile.
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var free = $"http://127.0.0.1:{((IPEndPoint)closed.LocalEndPoint!).Port}";
        await using var host = new ClientHost(options => options.PrivateAddressOrigins.Add(free));

        var failure = await ClientHost.FailureOfAsync(() => host.Client(free).CreateAsync(Calls.Creation, Stop));

        Assert.Equal((FailureKind.Transient, Reasons.Unreachable, false), (failure.Kind, failure.Reason, failure.OutcomeUnknown));
        Assert.Contains("ConnectionRefused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_in_time_is_transient_and_nothing_was_sent()
    {
        await using var host = new ClientHost(
            options => options.ConnectTimeout = TimeSpan.FromMilliseconds(200),
            resolve: async (_, stop) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
                return [];
            });

        var failure = await ClientHost.FailureOfAsync(() => host.Client("https://slow.example.com").CreateAsync(Calls.Creation, Stop));

        Assert.Equal((FailureKind.Transient, Reasons.Unreachable, false), (failure.Kind, failure.Reason, failure.OutcomeUnknown));
    }

    [Fact]
    public async Task A_server_without_tls_behind_https_is_transient_and_nothing_was_sent()
    {
        await using var server = await OddServer.StartAsync(200, "{}");
        var secure = server.BaseUrl.Replace("http:", "https:", StringComparison.Ordinal);
        await using var host = new ClientHost(options => options.PrivateAddressOrigins.Add(secure));

        var failure = await ClientHost.FailureOfAsync(() => host.Client(secure).CreateAsync(Calls.Creation, Stop));

        Assert.Equal((FailureKind.Transient, Reasons.Unreachable, false), (failure.Kind, failure.Reason, failure.OutcomeUnknown));
        Assert.Contains("TLS", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_speak_http_is_not_nango()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var origin = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var serving = Task.Run(
            async () =>
            {
                using var socket = await listener.AcceptSocketAsync(Stop);
                await socket.SendAsync("220 canary.example.com ESMTP\r\n\r\n"u8.ToArray(), Stop);
                while (await socket.ReceiveAsync(new byte[1024], Stop) > 0)
                {
                }
            },
            Stop);
        await using var host = new ClientHost(options => options.PrivateAddressOrigins.Add(origin));

        var failure = await ClientHost.FailureOfAsync(() => host.Client(origin).ListAsync(Stop));
        await serving;

        Assert.Equal((FailureKind.Terminal, Reasons.UnexpectedAnswer), (failure.Kind, failure.Reason));
        Assert.DoesNotContain("canary", failure.Message, StringComparison.Ordinal);
    }
}
