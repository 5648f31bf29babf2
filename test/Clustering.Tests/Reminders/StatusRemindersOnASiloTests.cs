using Microsoft.Extensions.DependencyInjection;
using NangoOrleans.Clustering.Reminders;
using Orleans.TestingHost;

namespace NangoOrleans.Clustering.Tests.Reminders;

public sealed class StatusRemindersOnASiloTests
{
    [Fact]
    public async Task A_silo_starts_without_the_index_and_a_derived_row_wakes_its_grain_once_there_is_one()
    {
        var rows = new Rows { IsComplete = false };
        var woken = new Woken();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseStatusReminders(options => options.GrainType = SleepingGrain.Type);
            silo.Services.AddSingleton<IReminderRows>(rows).AddSingleton(woken);
            silo.Services.Configure<ReminderOptions>(options => options.RefreshReminderListPeriod = TimeSpan.FromSeconds(1));
        });
        await using var cluster = builder.Build();
        await cluster.DeployAsync(TestContext.Current.CancellationToken);

        rows["team/slack"] = TimeProvider.System.GetUtcNow().AddSeconds(5);
        rows.IsComplete = true;

        var (key, reminder) = await woken.Once.WaitAsync(TimeSpan.FromMinutes(3), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(("team/slack", "retry"), (key, reminder));
    }
}

/// <summary>Who was woken.</summary>
public sealed class Woken
{
    private readonly TaskCompletionSource<(string Key, string Reminder)> _once = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<(string Key, string Reminder)> Once => _once.Task;

    public void By(string key, string reminder) => _once.TrySetResult((key, reminder));
}

[GrainType(Type)]
public sealed class SleepingGrain(Woken woken) : Grain, IGrainWithStringKey, IRemindable
{
    public const string Type = "sleeping";

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        woken.By(this.GetPrimaryKeyString(), reminderName);
        return Task.CompletedTask;
    }
}
