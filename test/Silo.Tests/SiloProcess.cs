using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace NangoOrleans;

/// <summary>The real program as a child process, with an environment of its own and free ports.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    // A silo on a loaded two-core machine has been seen to need 20 s.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _error = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("silo-");

    private SiloProcess(IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "NangoOrleans.Silo.dll"), .. arguments])
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

        _process = new() { StartInfo = start };
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

    /// <summary>The ports file, once the silo is up.</summary>
    public string PortsFile => Path.Combine(_folder.FullName, "ports.json");

    /// <summary>Starts the program with the given words.</summary>
    public static SiloProcess Run(IReadOnlyDictionary<string, string?> environment, params IReadOnlyList<string> arguments) => new(environment, arguments);

    /// <summary>Starts a silo and waits until it has announced its ports.</summary>
    public static async Task<SiloProcess> StartAsync(IReadOnlyDictionary<string, string?> environment)
    {
        var folder = Directory.CreateTempSubdirectory("silo-");
        var file = Path.Combine(folder.FullName, "ports.json");
        var silo = new SiloProcess(environment, ["--ports-file", file]);
        using var deadline = new CancellationTokenSource(Patience);
        while (!File.Exists(file))
        {
            if (silo._process.HasExited) throw new InvalidOperationException($"The silo ended: {string.Join('\n', silo.Error)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }

        File.Move(file, silo.PortsFile);
        folder.Delete(recursive: true);
        return silo;
    }

    /// <summary>The announced ports by name.</summary>
    public Dictionary<string, int> ReadPorts() => JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(PortsFile))!;

    /// <summary>Waits for the end.</summary>
    /// <returns>Exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal, as kubectl and a terminal do.</summary>
    public void Send(PosixSignal signal) => Assert.Equal(0, Kill(_process.Id, signal == PosixSignal.SIGINT ? 2 : 15));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
