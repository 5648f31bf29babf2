namespace NangoOrleans.Health;

/// <summary>One thing that must hold before the silo calls itself ready.</summary>
public interface IReadinessCheck
{
    /// <summary>Answers at once, from memory.</summary>
    /// <param name="reason">Why not, as one sentence; empty when ready.</param>
    /// <returns>True when ready.</returns>
    bool IsReady(out string reason);
}
