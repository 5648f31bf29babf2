using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace NangoOrleans.Testing.Silos;

/// <summary>The real program as a child process with an environment of its own and free ports: what a test kills, restarts and measures.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>The program in the folder of a build.</summary>
    public const string Program = "NangoOrleans.Silo.dll";

    // A silo on a loaded two-core machine has been seen to need 20 s.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _error = new();
    private readonly TemporaryFolder _folder;
    private readonly HttpClient _http = new();

    private SiloProcess(string build, IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> arguments, TemporaryFolder folder)
    {
        _folder = folder;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(build, Program), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        string[] inherited = ["NANGO_TOKEN", "NANGO_TOKEN_FILE", "NANGO_BASE_URL", "KUBECONFIG", "KUBERNETES_SERVICE_HOST", "POD_NAME", "POD_NAMESPACE", "POD_IP"];
        foreach (var name in inherited) start.Environment.Remove(name);
        string[] ports = ["Http__Port", "Dashboard__Port", "Orleans__SiloPort", "Orleans__GatewayPort"];
        foreach (var port in ports) start.Environment[$"NangoOrleans__{port}"] = "0";
        foreach (var (name, value) in environment) start.Environment[name] = value;

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => { if (line.Data is not null) _output.Enqueue(line.Data); };
        _process.ErrorDataReceived += (_, line) => { if (line.Data is not null) _error.Enqueue(line.Data); };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Lines on standard output so far.</summary>
    public IReadOnlyList<string> Output => [.. _output];

    /// <summary>Lines on standard error so far.</summary>
    public IReadOnlyList<string> Error => [.. _error];

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>True once it has ended, for whatever reason.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Where the ports are announced.</summary>
    public string PortsFile => _folder.In("ports.json");

    /// <summary>Where health and metrics are served.</summary>
    public Uri Http => new($"http://127.0.0.1:{ReadPorts()["http"]}");

    /// <summary>Where the dashboard is served.</summary>
    public Uri Dashboard => new($"http://127.0.0.1:{ReadPorts()["dashboard"]}");

    /// <summary>What makes a silo one of several on this machine, as the downward API would: add it to the rest of its environment.</summary>
    /// <param name="podName">Name of the silo; a Pod of that name need not exist.</param>
    /// <param name="namespace">Where the silos meet.</param>
    public static IReadOnlyDictionary<string, string?> MemberEnvironment(string podName, string @namespace) => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["NangoOrleans__Clustering"] = "Kubernetes",
        ["POD_NAME"] = podName,
        ["POD_NAMESPACE"] = @namespace,
        ["POD_IP"] = "127.0.0.1",
    };

    /// <summary>Starts the program with the given words, and waits for nothing.</summary>
    /// <param name="environment">Its environment variables, besides free ports.</param>
    /// <param name="arguments">Its arguments.</param>
    public static SiloProcess Run(IReadOnlyDictionary<string, string?> environment, params IReadOnlyList<string> arguments) =>
        new(AppContext.BaseDirectory, environment, arguments, new TemporaryFolder());

    /// <summary>Starts a silo and waits until it has announced its ports.</summary>
    /// <param name="environment">Its environment variables, besides free ports.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<SiloProcess> StartAsync(IReadOnlyDictionary<string, string?> environment, CancellationToken cancellationToken) =>
        StartAsync(AppContext.BaseDirectory, environment, cancellationToken);

    /// <summary>Starts a silo of any build and waits until it has announced its ports.</summary>
    /// <param name="build">Folder of the build, with <see cref="Program"/> in it.</param>
    /// <param name="environment">Its environment variables, besides free ports.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SiloProcess> StartAsync(string build, IReadOnlyDictionary<string, string?> environment, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var folder = new TemporaryFolder();
            var silo = new SiloProcess(build, environment, ["--ports-file", folder.In("ports.json")], folder);
            try
            {
                return await silo.ThatAsync(() => Task.FromResult(File.Exists(silo.PortsFile)), cancellationToken);
            }
            catch (InvalidOperationException e) when (attempt < TakenPort.StartAttempts && e.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                // Between finding a free port and using it another process took it; seldom, or the choice is wrong.
                await Console.Error.WriteLineAsync($"Begun anew, for a silo found its port taken: {e.Message}");
            }
        }
    }

    /// <summary>Starts a silo and waits until it says that it is ready.</summary>
    /// <param name="environment">Its environment variables, besides free ports.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SiloProcess> StartReadyAsync(IReadOnlyDictionary<string, string?> environment, CancellationToken cancellationToken)
    {
        var silo = await StartAsync(environment, cancellationToken);
        return await silo.ThatAsync(() => silo.IsReadyAsync(cancellationToken), cancellationToken);
    }

    /// <summary>The announced ports by name.</summary>
    public IReadOnlyDictionary<string, int> ReadPorts() => JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(PortsFile))!;

    /// <summary>Waits until a line on standard output holds the words; the log may come later than what it tells of.</summary>
    /// <param name="words">Part of one line.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task UntilOutputAsync(string words, CancellationToken cancellationToken) =>
        UntilAsync(() => Task.FromResult(_output.Any(line => line.Contains(words, StringComparison.Ordinal))), cancellationToken);

    /// <summary>Waits for the end.</summary>
    /// <returns>Exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends SIGTERM or SIGINT, as kubectl and a terminal do.</summary>
    /// <param name="signal">One of the two.</param>
    public void Send(PosixSignal signal)
    {
        if (Kill(_process.Id, signal == PosixSignal.SIGINT ? 2 : 15) != 0) throw new InvalidOperationException("The signal could not be sent.");
    }

    /// <summary>SIGKILL: no chance to finish anything.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGSTOP: as a machine that hangs.</summary>
    public Task FreezeAsync(CancellationToken cancellationToken) => SignalAsync("STOP", cancellationToken);

    /// <summary>SIGCONT: it goes on where it was.</summary>
    public Task ThawAsync(CancellationToken cancellationToken) => SignalAsync("CONT", cancellationToken);

    /// <summary>The sum of a metric over all its labels; 0 when it has not been recorded yet.</summary>
    /// <param name="name">Name as Prometheus shows it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<double> ReadMetricAsync(string name, CancellationToken cancellationToken)
    {
        var text = await _http.GetStringAsync(new Uri(Http, "/metrics"), cancellationToken);
        return text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ')
            .Sum(line => double.Parse(AfterLabels(line).Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));

        // A time stamp may follow the value.
        static string AfterLabels(string line) => line[(line.LastIndexOf('}') is >= 0 and var brace ? brace + 1 : line.IndexOf(' ', StringComparison.Ordinal))..];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }

    private async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        if (kill.ExitCode != 0) throw new InvalidOperationException($"The silo could not be sent SIG{signal}.");
    }

    /// <summary>Itself, once the condition holds; one that never gets there must not live on unseen.</summary>
    private async Task<SiloProcess> ThatAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        try
        {
            await UntilAsync(condition, cancellationToken);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        while (!await condition())
        {
            if (_process.HasExited) throw new InvalidOperationException($"The silo ended: {string.Join('\n', [.. Error, .. Output.TakeLast(5)])}");
            await Task.Delay(LookEvery, TimeProvider.System, deadline.Token);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Http, "/readyz"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
