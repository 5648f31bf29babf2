namespace NangoOrleans.Hosting;

/// <summary>Ends the process from within, with one sentence and a non-zero exit code.</summary>
internal sealed class OperatorExit(IHostApplicationLifetime lifetime)
{
    private string? _problem;

    /// <summary>Why the process ends; null when it was merely told to stop.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Stops the host; the first problem is the one reported.</summary>
    /// <param name="problem">One sentence for the administrator.</param>
    public void Fail(string problem)
    {
        Interlocked.CompareExchange(ref _problem, problem, null);
        lifetime.StopApplication();
    }
}
