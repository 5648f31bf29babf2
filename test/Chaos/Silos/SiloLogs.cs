using System.Collections.Concurrent;
using System.Globalization;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Chaos;

/// <summary>What the silos of a run said and how they ended.</summary>
internal sealed class SiloLogs(string? folder, Action<string> say)
{
    private readonly ConcurrentQueue<Violation> _violations = new();
    private int _endedByThemselves;

    /// <summary>Silos that did not stop as they should.</summary>
    public IReadOnlyCollection<Violation> Violations => _violations;

    /// <summary>Silos that ended without being asked to: told dead by the others after a freeze, for instance.</summary>
    public int EndedByThemselves => _endedByThemselves;

    public void Say(string line) => say(line);

    /// <summary>Writes what a silo said into a file.</summary>
    public void Keep(string name, SiloProcess process)
    {
        if (folder is null) return;
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, $"{name}.log"), [.. process.Output, .. process.Error]);
    }

    public void EndedByItself(string name, int code)
    {
        Interlocked.Increment(ref _endedByThemselves);
        Say(string.Create(CultureInfo.InvariantCulture, $"{name} ended by itself with {code}"));
    }

    /// <summary>Takes note of what SIGTERM led to; no code: it had to be killed.</summary>
    public void Terminated(string name, int? code, TimeSpan took)
    {
        Say(string.Create(CultureInfo.InvariantCulture, $"{name} ended with {code} after {took.TotalSeconds:F1} s"));
        if (code != 0)
            _violations.Enqueue(new("bad-stop", name, null, string.Create(CultureInfo.InvariantCulture, $"SIGTERM led to {(code is null ? "no end" : $"exit code {code}")} within {took.TotalSeconds:F0} s")));
    }
}
