using System.Net;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Witnessing;

public sealed class WitnessedLeftoversTests
{
    private static readonly SiloAddress One = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1), Two = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 2), 1);

    private readonly FakeTimeProvider _time = new();
    private readonly WitnessedLeftovers _leftovers;

    public WitnessedLeftoversTests() => _leftovers = new WitnessedLeftovers(new ReconcileOptions(), _time);

    [Fact]
    public void Only_what_a_silo_that_is_gone_had_is_an_orphan()
    {
        _leftovers.Keep(A("a"), One);
        _leftovers.Keep(A("b"), Two);

        Assert.Equal(["b"], _leftovers.Orphans(silo => silo.Equals(Two)).Select(leftover => leftover.Uid));
    }

    [Fact]
    public void It_stays_an_orphan_until_another_silo_has_it_or_it_is_done_with()
    {
        _leftovers.Keep(A("a"), One);
        _leftovers.Keep(A("b"), One);
        Assert.Equal(2, _leftovers.Orphans(IsOne).Count);
        Assert.Equal(2, _leftovers.Orphans(IsOne).Count);

        _leftovers.Keep(A("a"), Two);
        _leftovers.Forget("b");

        Assert.Empty(_leftovers.Orphans(IsOne));
        Assert.Equal(1, _leftovers.Count);
    }

    [Fact]
    public void What_everybody_else_has_given_up_is_forgotten()
    {
        _leftovers.Keep(A("a"), One);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Single(_leftovers.Orphans(IsOne));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(_leftovers.Orphans(IsOne));
        Assert.Equal(0, _leftovers.Count);
    }

    private static bool IsOne(SiloAddress silo) => silo.Equals(One);

    private Leftover A(string uid) =>
        new(new NangoIntegration { Metadata = new ObjectMetadata { Namespace = "team", Name = uid, Uid = uid } }, "2026-01-01T00:00:00.000Z", _time.GetUtcNow());
}
