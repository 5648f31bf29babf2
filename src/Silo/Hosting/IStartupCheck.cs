namespace NangoOrleans.Hosting;

/// <summary>Something without which it makes no sense to start; asked before the silo starts, and again while the API server itself may be starting.</summary>
public interface IStartupCheck
{
    /// <summary>Looks.</summary>
    /// <param name="cancellationToken">Cancelled when the process is told to stop.</param>
    /// <returns>One sentence that says what is missing and what to do; null when all is well.</returns>
    Task<string?> FindProblemAsync(CancellationToken cancellationToken);
}
