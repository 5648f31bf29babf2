namespace NangoOrleans.Clustering.Reminders;

/// <summary>Which grains and reminder the derived rows speak of.</summary>
public sealed class StatusReminderOptions
{
    /// <summary>Grain type of the rows, as in its <c>[GrainType]</c>.</summary>
    public string GrainType { get; set; } = "";

    /// <summary>Name of the reminder.</summary>
    public string ReminderName { get; set; } = "retry";

    /// <summary>Period of the reminder; Orleans' minimum, since a row goes as soon as its tick was worked on. Default 1 min.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromMinutes(1);
}
