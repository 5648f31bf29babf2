namespace NangoOrleans.Chaos;

/// <summary>What a run is made of. The same options always give the same plan.</summary>
public sealed record ChaosOptions
{
    /// <summary>Where all chance comes from.</summary>
    public required int Seed { get; init; }

    /// <summary>How long resources change and silos are disturbed. Default 3 min.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How many resources come and go. Default 2,000.</summary>
    public int Resources { get; init; } = 2000;

    /// <summary>How many silos run when nothing disturbs them; one alone runs without a cluster. Default 3.</summary>
    public int Silos { get; init; } = 3;

    /// <summary>How long a frozen silo stands still: longer than the others need to declare it dead. Default 20 s.</summary>
    public TimeSpan Freeze { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Folder with another build of the silo, which every other start runs; null: one build alone. The plan does not depend on it.</summary>
    public string? OtherSilo { get; init; }
}
