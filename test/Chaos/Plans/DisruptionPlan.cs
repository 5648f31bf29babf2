namespace NangoOrleans.Chaos;

/// <summary>Draws what is done to the silos and to the API server: about every eight seconds something, never two things to one silo at a time.</summary>
internal static class DisruptionPlan
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5), ShortestGap = TimeSpan.FromSeconds(4), Spread = TimeSpan.FromSeconds(8);

    // A replacement takes its time to start and to join before it is worth disturbing it again.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(15);

    public static IEnumerable<Disruption> Draw(ChaosOptions options, Random random)
    {
        var busyUntil = new TimeSpan[options.Silos];
        var added = options.Silos;
        for (var at = Quiet; at < options.Length; at += ShortestGap + (Spread * random.NextDouble()))
        {
            var kind = DrawKind(options, random);
            var lasts = DrawLength(kind, options, random);
            if (kind == DisruptionKind.RestartApiServer)
            {
                yield return new(at, kind, -1, lasts);
            }
            else if (kind == DisruptionKind.Add)
            {
                yield return new(at, kind, added++, lasts);
            }
            else
            {
                // Drawn whether or not it is free, so that the rest of the plan does not depend on it.
                var silo = random.Next(options.Silos);
                if (busyUntil[silo] > at) continue;
                busyUntil[silo] = at + lasts + Recovery;
                yield return new(at, kind, silo, lasts);
            }
        }
    }

    private static DisruptionKind DrawKind(ChaosOptions options, Random random) => random.NextDouble() switch
    {
        < 0.35 => DisruptionKind.Kill,
        < 0.6 => DisruptionKind.Terminate,
        < 0.75 => DisruptionKind.Freeze,
        < 0.87 => DisruptionKind.RestartApiServer,
        _ => options.Silos > 1 ? DisruptionKind.Add : DisruptionKind.Kill,
    };

    private static TimeSpan DrawLength(DisruptionKind kind, ChaosOptions options, Random random) => kind switch
    {
        DisruptionKind.Freeze => options.Freeze,
        DisruptionKind.Add => TimeSpan.FromSeconds(20 + (40 * random.NextDouble())),
        DisruptionKind.RestartApiServer => TimeSpan.FromSeconds(5 * random.NextDouble()),
        _ => TimeSpan.FromSeconds(6 * random.NextDouble()),
    };
}
