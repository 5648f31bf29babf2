using NangoOrleans.Testing;

namespace NangoOrleans.Kubernetes.Tests.Harness;

public sealed class SteadyMachineTests
{
    private static readonly TimeSpan Always = TimeSpan.Zero, Never = TimeSpan.FromHours(1);

    private int _runs;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failure_on_a_machine_that_ran_is_a_failure()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => SteadyMachine.RunAsync(Never, () => FailAsync(times: 1), Ct));

        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task After_a_standstill_the_test_is_begun_anew()
    {
        await SteadyMachine.RunAsync(Always, () => FailAsync(times: 2), Ct);

        Assert.Equal(3, _runs);
    }

    [Fact]
    public async Task What_always_fails_fails()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => SteadyMachine.RunAsync(Always, () => FailAsync(times: int.MaxValue), Ct));

        Assert.Equal(SteadyMachine.Attempts, _runs);
    }

    [Fact]
    public async Task A_test_run_that_is_given_up_is_not_begun_anew()
    {
        using var over = new CancellationTokenSource();
        await over.CancelAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => SteadyMachine.RunAsync(Always, () => FailAsync(times: 1), over.Token));

        Assert.Equal(1, _runs);
    }

    private Task FailAsync(int times) => ++_runs <= times ? throw new InvalidOperationException("Failed.") : Task.CompletedTask;
}
