using System.Collections.Concurrent;
using NangoOrleans.Environments;
using NangoOrleans.Environments.Budget;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>What the grains of all environments know, without grains around it.</summary>
internal sealed class LocalEnvironmentGrains(TimeProvider time) : IEnvironmentGrains
{
    private readonly ConcurrentDictionary<string, RequestBudget> _budgets = new(StringComparer.Ordinal);

    /// <summary>What was asked for, and told.</summary>
    public ConcurrentQueue<PermitRequest> Requests { get; } = new();

    /// <summary>Providers that are kept.</summary>
    public ConcurrentDictionary<(string Environment, string Name), KnownProvider> Providers { get; } = new();

    /// <summary>Set to make the grains unreachable.</summary>
    public bool IsDown { get; set; }

    /// <summary>Answers instead of the budget.</summary>
    public Func<PermitRequest, Task<PermitLease>>? Answer { get; set; }

    public async ValueTask<PermitLease> LeaseAsync(string environmentKey, PermitRequest request)
    {
        Requests.Enqueue(request);
        if (IsDown) throw new InvalidOperationException("The silo with the grain is gone.");
        if (Answer is { } answer) return await answer(request);
        var budget = Budget(environmentKey);
        lock (budget) return budget.Lease(request, time.GetUtcNow());
    }

    public ValueTask<KnownProvider?> FindProviderAsync(string environmentKey, string name) =>
        ValueTask.FromResult(IsDown ? null : Providers.GetValueOrDefault((environmentKey, name)));

    public Task KeepProviderAsync(string environmentKey, KnownProvider provider)
    {
        if (!IsDown) Providers[(environmentKey, provider.Name)] = provider;
        return Task.CompletedTask;
    }

    public ValueTask<EnvironmentGrainState?> GetStateAsync(string environmentKey)
    {
        if (IsDown) return ValueTask.FromResult<EnvironmentGrainState?>(null);
        var budget = Budget(environmentKey);
        lock (budget) return ValueTask.FromResult<EnvironmentGrainState?>(budget.Describe(time.GetUtcNow()));
    }

    private RequestBudget Budget(string environmentKey) => _budgets.GetOrAdd(environmentKey, _ => new RequestBudget(20));
}
