using System.Runtime.InteropServices;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Chaos;

/// <summary>One silo as a Deployment keeps it: a process, and a new one under a new name whenever it has gone.</summary>
internal sealed class SiloSlot(int number, SiloBuilds builds, SiloLogs logs) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private SiloProcess? _process;
    private string _name = "";
    private int _starts;
    private bool _isWanted;

    /// <summary>Starts it.</summary>
    public Task StartAsync(CancellationToken ct) => GuardAsync(
        async () =>
        {
            _isWanted = true;
            await StartProcessAsync(ct);
        },
        ct);

    /// <summary>SIGKILL, and a replacement after a while.</summary>
    public Task KillAsync(TimeSpan replaceAfter, CancellationToken ct) => GuardAsync(
        async () =>
        {
            await EndProcessAsync();
            await Task.Delay(replaceAfter, TimeProvider.System, ct);
            await StartProcessAsync(ct);
        },
        ct);

    /// <summary>SIGTERM, and, if wanted, a replacement. A rolling update starts the new one first; here the harder order.</summary>
    public Task TerminateAsync(TimeSpan? replaceAfter, CancellationToken ct) => GuardAsync(
        async () =>
        {
            _isWanted = replaceAfter is not null;
            await TerminateProcessAsync();
            if (replaceAfter is not { } wait) return;
            await Task.Delay(wait, TimeProvider.System, ct);
            await StartProcessAsync(ct);
        },
        ct);

    /// <summary>SIGSTOP, and SIGCONT after a while.</summary>
    public async Task FreezeAsync(TimeSpan duration, CancellationToken ct)
    {
        await GuardAsync(
            async () =>
            {
                if (_process is not { HasExited: false } running) return;
                await running.FreezeAsync(ct);
                await Task.Delay(duration, TimeProvider.System, ct);
                await running.ThawAsync(ct);
            },
            ct);
    }

    /// <summary>What a kubelet does: a silo that has ended by itself is started again.</summary>
    public Task TendAsync(CancellationToken ct) => GuardAsync(
        async () =>
        {
            if (!_isWanted || _process is { HasExited: false }) return;
            if (_process is not null) logs.EndedByItself(_name, await _process.WaitForExitAsync());
            await EndProcessAsync();
            await StartProcessAsync(ct);
        },
        ct);

    public async ValueTask DisposeAsync()
    {
        await EndProcessAsync();
        _gate.Dispose();
    }

    private async Task StartProcessAsync(CancellationToken ct)
    {
        _name = builds.NameOf(number, ++_starts);
        try
        {
            _process = await builds.StartAsync(number, _starts, ct);
            logs.Say($"{_name} runs");
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            // The API server may be away; the next look tries again, as a kubelet would.
            logs.Say($"{_name} did not start: {e.Message.Split('\n')[0]}");
        }
    }

    private async Task TerminateProcessAsync()
    {
        if (_process is not { HasExited: false } running) return;
        running.Send(PosixSignal.SIGTERM);
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            var code = await running.WaitForExitAsync();
            logs.Terminated(_name, code, TimeProvider.System.GetElapsedTime(started));
        }
        catch (OperationCanceledException)
        {
            logs.Terminated(_name, null, TimeProvider.System.GetElapsedTime(started));
        }

        await EndProcessAsync();
    }

    private async Task EndProcessAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        await process.KillAsync();
        logs.Keep(_name, process);
        await process.DisposeAsync();
    }

    private async Task GuardAsync(Func<Task> act, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            await act();
        }
        finally
        {
            _gate.Release();
        }
    }
}
