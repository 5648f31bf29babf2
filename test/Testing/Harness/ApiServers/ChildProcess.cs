using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>
/// A program that writes its output to a file and does not outlive this process, even when this process is killed:
/// a small shell waits for the end of its standard input, which the kernel closes with us, and then kills the program.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    // Numbers of Linux; the API server's binaries for tests are Linux binaries.
    private const int StopSignal = 19, ContinueSignal = 18;

    private readonly Process _program;
    private readonly Process _watchdog;

    private ChildProcess(Process program, Process watchdog)
    {
        _program = program;
        _watchdog = watchdog;
    }

    /// <summary>Id of the program.</summary>
    public int Id => _program.Id;

    /// <summary>True once the program has ended.</summary>
    public bool HasEnded => _program.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="logPath">Where its output is appended.</param>
    public static ChildProcess Start(string path, IEnumerable<string> arguments, string logPath)
    {
        var program = StartShell("exec \"$@\" >>\"$LOG\" 2>&1", [path, .. arguments], ("LOG", logPath));
        program.StandardInput.Close();
        var watchdog = StartShell("trap '' INT TERM HUP; read -r _; kill -9 \"$1\" 2>/dev/null", [$"{program.Id}"]);
        return new(program, watchdog);
    }

    /// <summary>Stops the program's clock, so to speak: connections stay open and nothing is answered.</summary>
    public void Suspend() => Signal(StopSignal);

    /// <summary>Lets a suspended program go on.</summary>
    public void Resume() => Signal(ContinueSignal);

    /// <summary>What the kernel does when this process dies: the watchdog's input ends.</summary>
    public void EndWatch() => _watchdog.StandardInput.Close();

    /// <summary>Kills the program as <c>kill -9</c> does, and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        // The watchdog first: it must never kill an id that somebody else got meanwhile.
        await EndAsync(_watchdog);
        await EndAsync(_program);
    }

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static Process StartShell(string script, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in (string[])["-c", script, "sh", .. arguments]) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("/bin/sh did not start.");
    }

    private void Signal(int signal)
    {
        if (kill(_program.Id, signal) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);
}
