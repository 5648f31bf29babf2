using System.Net;
using System.Net.Sockets;
using k8s;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>
/// A real Kubernetes API server over its own etcd, started from any folder that holds <c>etcd</c> and
/// <c>kube-apiserver</c> and is named by <c>KUBEBUILDER_ASSETS</c>, as envtest users have it. No controllers run.
/// </summary>
public sealed class RealApiServer : IApiServer
{
    private const int StartAttempts = 3;
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(100);

    private readonly ApiServerFiles _files;
    private readonly TimeProvider _clock;
    private readonly string _assets;
    private readonly string[] _auditing;

    // Bound and never listening: nobody else gets the port while the API server is down.
    private readonly Socket _port = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private ChildProcess? _etcd;
    private ChildProcess? _apiServer;
    private int _etcdPort;

    private RealApiServer(string assets, TimeProvider clock, string? auditPolicy)
    {
        _assets = assets;
        _clock = clock;
        _files = new(clock);
        // Blocking: what is not in the log was not done, even if the server is killed.
        _auditing = auditPolicy is null ? [] : [$"--audit-policy-file={_files.Write("audit.yaml", auditPolicy)}", $"--audit-log-path={AuditLogPath}", "--audit-log-maxsize=10000", "--audit-log-mode=blocking"];
    }

    /// <summary>True where a real API server can be started; for <c>SkipUnless</c>.</summary>
    public static bool IsAvailable => SkipReason is null;

    /// <summary>Why no real API server can be started here; null when one can.</summary>
    public static string? SkipReason
    {
        get
        {
            var assets = Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS");
            if (string.IsNullOrEmpty(assets))
                return "KUBEBUILDER_ASSETS is not set: name the absolute path of a folder with etcd and kube-apiserver to run this test.";
            var missing = Array.Find(["etcd", "kube-apiserver"], name => !File.Exists(Path.Combine(assets, name)));
            return missing is null ? null : $"KUBEBUILDER_ASSETS names a folder without {missing}: {assets}";
        }
    }

    /// <inheritdoc/>
    public Uri BaseUrl { get; private set; } = null!;

    /// <inheritdoc/>
    public string KubeconfigPath => _files.Kubeconfig;

    /// <summary>A kubeconfig of a user who may do nothing: every request is answered 403.</summary>
    public string NobodyKubeconfigPath => _files.NobodyKubeconfig;

    /// <summary>Folder with data, certificates and logs (<c>kube-apiserver.log</c>, <c>etcd.log</c>); gone after disposal.</summary>
    public string Folder => _files.Folder;

    /// <summary>What was asked for, a JSON event a line, as far as the audit policy wants it; there is none without a policy.</summary>
    public string AuditLogPath => _files.In("audit.log");

    /// <summary>Starts etcd and the API server on free ports of loopback, and waits until it is ready.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="auditPolicy">YAML of an <c>audit.k8s.io/v1 Policy</c>: which requests go to <see cref="AuditLogPath"/>.</param>
    /// <exception cref="InvalidOperationException"><see cref="SkipReason"/> is not null, or a program ended early (its last lines are in the message).</exception>
    public static async Task<RealApiServer> StartAsync(CancellationToken cancellationToken, string? auditPolicy = null)
    {
        if (SkipReason is { } reason) throw new InvalidOperationException(reason);
        var assets = Path.GetFullPath(Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS")!);
        for (var attempt = 1; ; attempt++)
        {
            var server = new RealApiServer(assets, TimeProvider.System, auditPolicy);
            try
            {
                await server.StartBothAsync(cancellationToken);
                return server;
            }
            catch (Exception exception)
            {
                await server.DisposeAsync();

                // Between asking for a free port and using it, another program may have taken it.
                if (attempt < StartAttempts && exception is InvalidOperationException) continue;
                throw;
            }
        }
    }

    /// <summary>A new client configuration with all rights.</summary>
    public KubernetesClientConfiguration CreateClientConfiguration() =>
        KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeconfigPath);

    /// <summary>Kills the API server as <c>kill -9</c> does and starts it again over the same data and port.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>Kills the API server; connections to it are refused until <see cref="StartAgainAsync"/>.</summary>
    public async Task StopAsync()
    {
        if (_apiServer is { } running) await running.DisposeAsync();
        _apiServer = null;
    }

    /// <summary>Starts a stopped API server over the same data and port.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        _apiServer ??= StartApiServer();
        await WaitUntilReadyAsync(cancellationToken);
    }

    /// <summary>Freezes the API server: connections stay open, nothing is answered.</summary>
    public Task PauseAsync()
    {
        Running.Suspend();
        return Task.CompletedTask;
    }

    /// <summary>Lets a paused API server go on, and waits until it is ready.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken)
    {
        Running.Resume();
        return WaitUntilReadyAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_etcd is { } etcd) await etcd.DisposeAsync();
        _etcd = null;
        _port.Dispose();
        _files.Dispose();
    }

    private ChildProcess Running => _apiServer ?? throw new InvalidOperationException("The API server is stopped.");

    private async Task StartBothAsync(CancellationToken cancellationToken)
    {
        var ports = FreePorts(2);
        _etcdPort = ports[0];
        _port.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _port.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        BaseUrl = new Uri($"https://127.0.0.1:{((IPEndPoint)_port.LocalEndPoint!).Port}");
        _files.WriteKubeconfigs(BaseUrl);
        _etcd = StartEtcd(peerPort: ports[1]);
        _apiServer = StartApiServer();
        await WaitUntilReadyAsync(cancellationToken);

        // The server makes this namespace itself, but some time after it is ready.
        await this.ApplyAsync("{apiVersion: v1, kind: Namespace, metadata: {name: default}}", "", cancellationToken);
    }

    private ChildProcess StartEtcd(int peerPort)
    {
        var (client, peer) = ($"http://127.0.0.1:{_etcdPort}", $"http://127.0.0.1:{peerPort}");
        return ChildProcess.Start(
            Path.Combine(_assets, "etcd"),
            [
                "--name=test", $"--data-dir={_files.In("etcd")}", "--unsafe-no-fsync", "--log-level=warn",
                $"--listen-client-urls={client}", $"--advertise-client-urls={client}",
                $"--listen-peer-urls={peer}", $"--initial-advertise-peer-urls={peer}", $"--initial-cluster=test={peer}",
            ],
            _files.In("etcd.log"));
    }

    private ChildProcess StartApiServer() => ChildProcess.Start(
        Path.Combine(_assets, "kube-apiserver"),
        [
            $"--etcd-servers=http://127.0.0.1:{_etcdPort}",
            "--permit-port-sharing", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", $"--secure-port={BaseUrl.Port}", "--endpoint-reconciler-type=none",
            $"--tls-cert-file={_files.ServerCertificate}", $"--tls-private-key-file={_files.ServerKey}", $"--cert-dir={_files.Folder}",
            $"--client-ca-file={_files.CaCertificate}", $"--token-auth-file={_files.Tokens}", "--anonymous-auth=false",
            "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
            "--service-account-issuer=https://kubernetes.default.svc",
            $"--service-account-key-file={_files.ServiceAccountPublicKey}", $"--service-account-signing-key-file={_files.ServiceAccountKey}",

            // Nothing makes the default service accounts here, so pods and such would be refused.
            "--disable-admission-plugins=ServiceAccount",
            .. _auditing,
        ],
        _files.In("kube-apiserver.log"));

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ReadyWithin, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var client = this.CreateHttpClient();
        try
        {
            while (!await IsReadyAsync(client, either.Token))
            {
                ThrowIfEnded("kube-apiserver", _apiServer);
                ThrowIfEnded("etcd", _etcd);
                await Task.Delay(ProbeEvery, _clock, either.Token);
            }
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"kube-apiserver was not ready within {ReadyWithin}. {LastLines("kube-apiserver")}", exception);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync("readyz", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void ThrowIfEnded(string name, ChildProcess? process)
    {
        if (process is not { HasEnded: false })
            throw new InvalidOperationException($"{name} ended. {LastLines(name)}");
    }

    private string LastLines(string name)
    {
        var log = _files.In($"{name}.log");
        return File.Exists(log) ? string.Join(Environment.NewLine, File.ReadLines(log).TakeLast(5)) : "It wrote nothing.";
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners) listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }
}
