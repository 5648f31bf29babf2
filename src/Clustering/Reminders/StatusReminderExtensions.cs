using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NangoOrleans.Clustering.Reminders;

namespace Orleans.Hosting;

/// <summary>Puts reminders on the status of resources.</summary>
public static class StatusReminderExtensions
{
    /// <summary>Uses <see cref="StatusReminderTable"/>; an <see cref="IReminderRows"/> must be registered.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Which grains and reminder.</param>
    public static ISiloBuilder UseStatusReminders(this ISiloBuilder builder, Action<StatusReminderOptions> configure)
    {
        builder.AddReminders();
        builder.Services.Configure(configure);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IReminderTable, StatusReminderTable>();
        return builder;
    }
}
