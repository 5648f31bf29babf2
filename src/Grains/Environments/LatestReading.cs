using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>The newest word of Nango on its limit. Not thread-safe.</summary>
/// <param name="time">The clock.</param>
internal sealed class LatestReading(TimeProvider time)
{
    private static readonly TimeSpan Outdated = TimeSpan.FromMinutes(2);

    private DateTimeOffset _readAt;

    /// <summary>As it was said; null when there was none.</summary>
    public RateLimitReading? Value { get; private set; }

    /// <summary>Takes it in, unless a later answer has overtaken it.</summary>
    /// <param name="reading">What an answer said.</param>
    public bool TryTake(RateLimitReading reading)
    {
        if (Value is { } known && (reading.Window < known.Window || (reading.Window == known.Window && reading.Remaining > known.Remaining))) return false;
        (Value, _readAt) = (reading, time.GetUtcNow());
        return true;
    }

    /// <summary>Forgets it when answers have said nothing for long.</summary>
    public void Age()
    {
        if (Value is not null && time.GetUtcNow() - _readAt > Outdated) Value = null;
    }

    /// <summary>As it is to be read now: what was read some time ago speaks of an end that is nearer by now.</summary>
    /// <param name="now">The time.</param>
    public RateLimitReading? At(DateTimeOffset now) => Value is { } reading
        ? reading with { ResetsIn = reading.ResetsIn - (now - _readAt) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero }
        : null;
}
