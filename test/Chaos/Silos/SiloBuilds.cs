using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Chaos;

/// <summary>What a silo runs: this build, or in turns another one, so that old and new work together as in a rolling update and on its way back.</summary>
internal sealed class SiloBuilds(Func<string, IReadOnlyDictionary<string, string?>> environment, string? other)
{
    /// <summary>The name of a silo tells its build.</summary>
    /// <param name="number">Which silo.</param>
    /// <param name="start">Which start of it.</param>
    public string NameOf(int number, int start) => FormattableString.Invariant($"silo-{number}-{start}{(IsOther(number, start) ? "-other" : "")}");

    /// <summary>Starts a silo.</summary>
    /// <param name="number">Which silo.</param>
    /// <param name="start">Which start of it.</param>
    /// <param name="ct">Gives up.</param>
    public Task<SiloProcess> StartAsync(int number, int start, CancellationToken ct) =>
        SiloProcess.StartAsync(IsOther(number, start) ? other! : AppContext.BaseDirectory, environment(NameOf(number, start)), ct);

    private bool IsOther(int number, int start) => other is not null && (number + start) % 2 == 0;
}
