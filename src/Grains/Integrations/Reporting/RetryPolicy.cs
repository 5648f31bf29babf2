namespace NangoOrleans.Integrations.Reporting;

/// <summary>When a failed run is tried again. Pure: chance is passed in.</summary>
public static class RetryPolicy
{
    /// <summary>Delay after the first failure.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay: as long as the default resync, so that a retry never comes later than that.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>From here on a reminder is used instead of a grain timer: Orleans' shortest reminder period.</summary>
    public static readonly TimeSpan ReminderThreshold = TimeSpan.FromMinutes(1);

    /// <summary>After so many server errors in a row (about 17 minutes) an error counts as permanent until the resync: Nango answers 500 to some faults of the client's, too.</summary>
    public const int ServerErrorLimit = 10;

    /// <summary>Doubles from one second to ten minutes, with a fifth of jitter either way.</summary>
    /// <param name="attempts">Failed attempts so far, at least 1.</param>
    /// <param name="chance">Uniform in [0, 1).</param>
    public static TimeSpan Delay(int attempts, double chance)
    {
        var doublings = Math.Clamp(attempts - 1, 0, 30);
        var delay = Math.Min(First.TotalSeconds * Math.Pow(2, doublings), Longest.TotalSeconds);
        return TimeSpan.FromSeconds(delay * (0.8 + (0.4 * chance)));
    }
}
