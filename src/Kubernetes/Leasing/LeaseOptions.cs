namespace NangoOrleans.Kubernetes.Leasing;

/// <summary>Which Lease is competed for, as whom, and with what patience. The times are those of Kubernetes' own components.</summary>
public sealed record LeaseOptions
{
    /// <summary>Namespace of the Lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Lease; it is created when it does not exist.</summary>
    public required string Name { get; init; }

    /// <summary>Who we are. A process that is started again under the same identity takes over from its predecessor at once.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait after the last renewal they saw, in whole seconds. Default 15 s.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A holder that could not renew for this long stops leading; shorter than <see cref="Duration"/>. Default 10 s.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait between two renewals, or between two looks of a standby; shortened by up to a fifth, so that many do not come at once. Default 2 s.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the one who leads has to return once its term is over; after that the Lease is not released but runs out. Default 5 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="InvalidOperationException">A value is missing, or the times contradict each other.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Namespace) || string.IsNullOrWhiteSpace(Name) || string.IsNullOrWhiteSpace(Identity))
            throw new InvalidOperationException("A Lease needs a namespace, a name and an identity.");
        if (Duration < TimeSpan.FromSeconds(1) || Duration.Ticks % TimeSpan.TicksPerSecond != 0)
            throw new InvalidOperationException("The duration of a Lease is a whole number of seconds, at least one.");
        if (RetryPeriod <= TimeSpan.Zero || StopTimeout <= TimeSpan.Zero)
            throw new InvalidOperationException("The retry period and the stop timeout of a Lease must be positive.");
        if (RenewDeadline >= Duration)
            throw new InvalidOperationException("The renew deadline must be shorter than the duration of the Lease: a holder must know that it lost before another can win.");
        if (RetryPeriod * 2 > RenewDeadline)
            throw new InvalidOperationException("The retry period must fit the renew deadline at least twice: one failed renewal must not end a term.");
        if (StopTimeout >= Duration)
            throw new InvalidOperationException("The stop timeout must be shorter than the duration of the Lease: it is held while a leader returns.");
    }
}
