using System.Collections.Concurrent;
using System.Net;

namespace NangoOrleans.Testing;

/// <summary>Requests that a <see cref="FaultProxy"/> keeps back until it is told to pass them on.</summary>
public sealed class HeldRequests
{
    private readonly Func<FaultProxyRequest, bool> _matches;
    private readonly ConcurrentQueue<HttpStatusCode> _answers = new();

    internal HeldRequests(Func<FaultProxyRequest, bool> matches) => _matches = matches;

    /// <summary>What the server answered those that fit, in the order of its answers.</summary>
    public IReadOnlyList<HttpStatusCode> Answers => [.. _answers];

    internal HoldingGate Gate { get; } = new();

    /// <summary>Waits until so many are held at once.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="count">How many.</param>
    public Task UntilHeldAsync(CancellationToken cancellationToken, int count = 1) => Gate.UntilHeldAsync(count, cancellationToken);

    /// <summary>Passes on all that are held, and all that come.</summary>
    public void Release() => Gate.Open();

    internal bool Matches(FaultProxyRequest request) => _matches(request);

    internal void Add(HttpStatusCode answer) => _answers.Enqueue(answer);
}
