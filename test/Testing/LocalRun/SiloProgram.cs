using System.Runtime.InteropServices;
using System.Text.Json;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.LocalRun;

/// <summary>The operator as a child process; it ends with this one, whatever way that ends.</summary>
internal sealed class SiloProgram : IAsyncDisposable
{
    private const int Terminate = 15;

    // The silo itself takes at most 60 s to finish what it does.
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(70), StartWithin = TimeSpan.FromMinutes(2), PollEvery = TimeSpan.FromMilliseconds(100);

    private readonly ChildProcess _process;
    private readonly DirectoryInfo _folder;

    private SiloProgram(ChildProcess process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>File that receives the operator's log.</summary>
    public string LogPath => Path.Combine(_folder.FullName, "silo.log");

    /// <summary>The ports it listens on, by name.</summary>
    public IReadOnlyDictionary<string, int> Ports { get; private set; } = new Dictionary<string, int>();

    /// <summary>Starts the operator on free ports and waits until it has announced them.</summary>
    /// <param name="path">The program.</param>
    /// <param name="settings">Environment variables to set.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LocalRunException">It ended instead; its own sentence is the message.</exception>
    public static async Task<SiloProgram> StartAsync(string path, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new LocalRunException($"The operator's program {path} does not exist: run \"make build\" first.");

        // A child inherits the environment of its parent, and this process needs no settings of the operator.
        foreach (var port in (string[])["Http__Port", "Dashboard__Port", "Orleans__SiloPort", "Orleans__GatewayPort"])
            Environment.SetEnvironmentVariable($"NangoOrleans__{port}", "0");
        Environment.SetEnvironmentVariable("Logging__Console__FormatterName", "simple");
        foreach (var (name, value) in settings) Environment.SetEnvironmentVariable(name, value);

        var folder = Directory.CreateTempSubdirectory("nango-orleans-silo-");
        var portsFile = Path.Combine(folder.FullName, "ports.json");
        var process = ChildProcess.Start(path, ["--ports-file", portsFile], Path.Combine(folder.FullName, "silo.log"));
        var silo = new SiloProgram(process, folder);
        try
        {
            await silo.WaitForPortsAsync(portsFile, cancellationToken);
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Throws when the operator has ended by itself.</summary>
    /// <exception cref="LocalRunException">It has; its own sentence is the message.</exception>
    public void ThrowIfEnded()
    {
        if (_process.HasEnded) throw new LocalRunException($"The operator ended: {File.ReadLines(LogPath).LastOrDefault() ?? "it wrote nothing."}");
    }

    /// <summary>Asks the operator to end, as kubectl does, and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        var deadline = TimeProvider.System.GetTimestamp();
        if (!_process.HasEnded) _ = kill(_process.Id, Terminate);
        while (!_process.HasEnded && TimeProvider.System.GetElapsedTime(deadline) < StopWithin)
            await Task.Delay(PollEvery, TimeProvider.System, CancellationToken.None);
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task WaitForPortsAsync(string file, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!File.Exists(file))
        {
            ThrowIfEnded();
            if (TimeProvider.System.GetElapsedTime(started) > StartWithin) throw new LocalRunException($"The operator did not start within {StartWithin}.");
            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }

        Ports = JsonSerializer.Deserialize<Dictionary<string, int>>(await File.ReadAllTextAsync(file, cancellationToken))!;
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);
}
