using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace NangoOrleans.Testing.Silos;

/// <summary>The real program as a child process on free ports: what a test kills, restarts and measures.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    // A silo on a loaded two-core machine has been seen to need 20 s.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TemporaryFolder _folder;
    private readonly HttpClient _http = new();

    private SiloProcess(Process process, TemporaryFolder folder)
    {
        (_process, _folder) = (process, folder);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Everything it printed so far.</summary>
    public IReadOnlyList<string> Output => [.. _output];

    /// <summary>Where health and metrics are served.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>Where the dashboard is served.</summary>
    public Uri Dashboard { get; private set; } = null!;

    /// <summary>Starts the program beside the test's own assembly and waits until it is ready.</summary>
    /// <param name="environment">Its environment variables, besides free ports.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SiloProcess> StartAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var silo = await StartWithoutWaitingAsync(environment, cancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        while (!await silo.IsReadyAsync(deadline.Token)) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        return silo;
    }

    /// <summary>As <see cref="StartAsync"/>, but returns as soon as the ports are known.</summary>
    /// <param name="environment">Its environment variables, besides free ports.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SiloProcess> StartWithoutWaitingAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var folder = new TemporaryFolder();
        var file = folder.In("ports.json");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "NangoOrleans.Silo.dll"), "--ports-file", file])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        string[] inherited = ["NANGO_TOKEN", "NANGO_TOKEN_FILE", "NANGO_BASE_URL", "KUBECONFIG", "KUBERNETES_SERVICE_HOST", "POD_NAMESPACE"];
        foreach (var name in inherited) start.Environment.Remove(name);
        string[] ports = ["Http__Port", "Dashboard__Port", "Orleans__SiloPort", "Orleans__GatewayPort"];
        foreach (var port in ports) start.Environment[$"NangoOrleans__{port}"] = "0";
        foreach (var (name, value) in environment) start.Environment[name] = value;

        var silo = new SiloProcess(new Process { StartInfo = start }, folder);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        while (!File.Exists(file))
        {
            if (silo._process.HasExited) throw new InvalidOperationException($"The silo ended: {string.Join('\n', silo.Output)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }

        var announced = JsonSerializer.Deserialize<Dictionary<string, int>>(await File.ReadAllTextAsync(file, cancellationToken))!;
        silo.Http = new Uri($"http://127.0.0.1:{announced["http"]}");
        silo.Dashboard = new Uri($"http://127.0.0.1:{announced["dashboard"]}");
        return silo;
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

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (_process.HasExited) throw new InvalidOperationException($"The silo ended: {string.Join('\n', Output)}");
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

    private void Keep(string? line)
    {
        if (line is not null) _output.Enqueue(line);
    }
}
