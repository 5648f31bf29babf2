using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Grains.Tests.Scheduling;

public sealed class ReconcileGateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task No_more_runs_are_let_in_than_there_are_permits()
    {
        var gate = Gate(2);
        var first = await EnterAsync(gate);
        await EnterAsync(gate);

        var third = Enter(gate, ReconcileLane.Change);

        Assert.False(third.IsCompleted);
        Assert.Equal((2, 1), (gate.Running, gate.Waiting));
        first.Dispose();
        await third;
        Assert.Equal((2, 0), (gate.Running, gate.Waiting));
    }

    [Fact]
    public async Task A_change_goes_before_a_check_that_came_earlier()
    {
        var gate = Gate(1);
        var permit = await EnterAsync(gate);
        var check = Enter(gate, ReconcileLane.Resync);
        var change = Enter(gate, ReconcileLane.Change);

        permit.Dispose();

        var entered = await change;
        Assert.False(check.IsCompleted);
        entered.Dispose();
        await check;
    }

    [Fact]
    public async Task Within_a_lane_the_first_comes_first()
    {
        var gate = Gate(1);
        var permit = await EnterAsync(gate);
        var (one, two) = (Enter(gate, ReconcileLane.Change), Enter(gate, ReconcileLane.Change));

        permit.Dispose();

        await one;
        Assert.False(two.IsCompleted);
    }

    [Fact]
    public async Task A_check_that_has_waited_long_enough_goes_first_all_the_same()
    {
        var gate = Gate(1);
        var permit = await EnterAsync(gate);
        var check = Enter(gate, ReconcileLane.Resync);
        _time.Advance(TimeSpan.FromSeconds(11));
        var change = Enter(gate, ReconcileLane.Change);

        permit.Dispose();

        await check;
        Assert.False(change.IsCompleted);
    }

    [Fact]
    public async Task One_that_gives_up_waiting_leaves_the_queue_and_takes_no_permit()
    {
        var gate = Gate(1);
        var permit = await EnterAsync(gate);
        using var impatience = new CancellationTokenSource();
        var impatient = gate.EnterAsync(ReconcileLane.Change, impatience.Token).AsTask();
        var patient = Enter(gate, ReconcileLane.Change);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.Equal(1, gate.Waiting);

        permit.Dispose();
        (await patient).Dispose();
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
    }

    [Fact]
    public async Task A_permit_counts_once_however_often_it_is_disposed()
    {
        var gate = Gate(1);
        var permit = await EnterAsync(gate);
        permit.Dispose();
        permit.Dispose();

        await EnterAsync(gate);

        Assert.False(Enter(gate, ReconcileLane.Change).IsCompleted);
    }

    [Fact]
    public async Task Namespaces_take_turns_so_that_a_large_one_does_not_hold_up_a_small_one()
    {
        var gate = Gate(1);
        var permit = await EnterAsync(gate);
        List<string> order = [];
        foreach (var name in (string[])["large", "large", "large", "small", "small", "other"]) _ = PassAsync(gate, name, order);

        permit.Dispose();

        await WaitUntilIdleAsync(gate);
        Assert.Equal(["large", "small", "other", "large", "small", "large"], order);
    }

    [Fact]
    public async Task Many_at_once_never_exceed_the_limit_and_all_get_through()
    {
        var gate = Gate(3);
        var (inside, most) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(async () =>
        {
            using var impatience = new CancellationTokenSource();
            if (i % 5 == 0) await impatience.CancelAsync();
            try
            {
                using var permit = await gate.EnterAsync((ReconcileLane)(i % 2), impatience.Token);
                var now = Interlocked.Increment(ref inside);
                for (var seen = Volatile.Read(ref most); seen < now; seen = Volatile.Read(ref most)) Interlocked.CompareExchange(ref most, now, seen);
                await Task.Yield();
                Interlocked.Decrement(ref inside);
            }
            catch (OperationCanceledException)
            {
                // One in five gives up when it would have to wait.
            }
        })));

        Assert.InRange(most, 1, 3);
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
    }

    private static async Task PassAsync(ReconcileGate gate, string @namespace, List<string> order)
    {
        using var permit = await gate.EnterAsync(ReconcileLane.Change, @namespace, TestContext.Current.CancellationToken);
        order.Add(@namespace);
    }

    // The last in line of all: a check of a namespace that has had its turn.
    private static async Task WaitUntilIdleAsync(ReconcileGate gate) =>
        (await gate.EnterAsync(ReconcileLane.Resync, "last", TestContext.Current.CancellationToken)).Dispose();

    private ReconcileGate Gate(int permits) => new(_time, new ReconcileOptions { MaxConcurrentRuns = permits });

    private static Task<IDisposable> Enter(ReconcileGate gate, ReconcileLane lane) => gate.EnterAsync(lane, TestContext.Current.CancellationToken).AsTask();

    private static async Task<IDisposable> EnterAsync(ReconcileGate gate) => await Enter(gate, ReconcileLane.Change);
}
