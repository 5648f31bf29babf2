using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using NangoOrleans.Testing.ApiServer.Faults;
using NangoOrleans.Testing.ApiServer.Hosting;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Watching;
using NangoOrleans.Testing.ApiServer.Writing;

namespace NangoOrleans.Testing.ApiServer;

/// <summary>
/// A test double of a Kubernetes API server, in memory, over TLS on loopback: custom resources and a few built-in kinds.
/// Where it is simpler than the real thing, see <see cref="Banner"/>.
/// </summary>
public sealed class DevApiServer : IAsyncDisposable
{
    /// <summary>What a person who meets this server should know.</summary>
    public const string Banner =
        "development API server: a test double for NangoOrleans, not a Kubernetes API server. " +
        "In memory, loopback only, no RBAC, no admission, no controllers but namespace and definition deletion; " +
        "built-in kinds are stored unchecked; CEL rules are not evaluated, save 'self == oldSelf'; ownerReferences are not followed.";

    private const int LargestBody = 3 * 1024 * 1024;

    private readonly WebApplication _app;
    private readonly ServerCertificate _certificate;
    private readonly ObjectStore _store;

    private DevApiServer(WebApplication app, ServerCertificate certificate, ObjectStore store, string token, FaultPlan faults, RequestJournal journal)
    {
        (_app, _certificate, _store, Token, Faults, Journal) = (app, certificate, store, token, faults, journal);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        BaseUrl = new Uri(addresses.First());
    }

    /// <summary>Where it listens: <c>https://127.0.0.1:port/</c>.</summary>
    public Uri BaseUrl { get; }

    /// <summary>The bearer token of its only user.</summary>
    public string Token { get; }

    /// <summary>The certificate authority to trust, in PEM.</summary>
    public string CertificateAuthorityPem => _certificate.AuthorityPem;

    /// <summary>Makes it misbehave.</summary>
    public FaultPlan Faults { get; }

    /// <summary>What was asked of it.</summary>
    public RequestJournal Journal { get; }

    /// <summary>The newest resourceVersion given out.</summary>
    public long ResourceVersion => _store.Revision;

    /// <summary>A kubeconfig with address, authority and token.</summary>
    public string KubeconfigYaml => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: development-api-server
          cluster:
            server: {BaseUrl.AbsoluteUri.TrimEnd('/')}
            certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(CertificateAuthorityPem))}
        users:
        - name: developer
          user:
            token: {Token}
        contexts:
        - name: development-api-server
          context:
            cluster: development-api-server
            user: developer
            namespace: default
        current-context: development-api-server

        """;

    /// <summary>Starts a server; it answers when this returns.</summary>
    public static async Task<DevApiServer> StartAsync(DevApiServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new DevApiServerOptions();
        var certificate = ServerCertificate.Create();
        var app = Build(options, certificate);
        var token = options.Token ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var store = new ObjectStore(options.EventLogCapacity);
        var watches = new OpenWatches(app.Lifetime.ApplicationStopping);
        var faults = new FaultPlan(store, watches, options.FaultSeed);
        var journal = new RequestJournal();
        var cluster = new Cluster(store, new ResourceCatalog(), options.TimeProvider);
        InitialObjects.Create(cluster);
        var router = new Router(cluster, token, faults, journal, watches, options.BookmarkInterval);
        app.Run(router.ServeAsync);
        await app.StartAsync(cancellationToken);
        return new DevApiServer(app, certificate, store, token, faults, journal);
    }

    /// <summary>Writes <see cref="KubeconfigYaml"/> to a file that only its owner can read.</summary>
    public void WriteKubeconfig(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(KubeconfigYaml);
    }

    /// <summary>A client that trusts and authenticates to this server.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient(new TrustingHandler(CertificateAuthorityPem)) { BaseAddress = BaseUrl, DefaultRequestVersion = HttpVersion.Version20 };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        client.DefaultRequestHeaders.UserAgent.ParseAdd("test-client/1");
        return client;
    }

    /// <summary>Completes when the server has stopped.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => _app.WaitForShutdownAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static WebApplication Build(DevApiServerOptions options, ServerCertificate certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "NangoOrleans.DevApiServer" });
        builder.Logging.AddSimpleConsole();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate.Server);
            });
        });
        return builder.Build();
    }

    // Inside another program the server goes when that program says so: whoever uses it goes first.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
