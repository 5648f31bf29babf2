using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

public sealed class LeftoversTests
{
    private static readonly DateTimeOffset Now = IntegrationBuilder.Born.AddHours(1);

    public static TheoryData<string, NangoIntegration?> None => new()
    {
        { "nobody saw it go", null },
        { "our finalizer was never on", An.Integration().Build() },
        { "its deletion was seen through", An.Integration().Deleting().Build() },
        { "a reported one, deleted", An.Integration().Applied().Deleting().Build() },
        { "its spec cannot be read", An.Integration().WithFinalizer().Build() with { Spec = null } },
        { "its spec names no key", An.Integration().WithFinalizer().Spec(s => s with { UniqueKey = null }).Build() },
    };

    [Theory]
    [MemberData(nameof(None), DisableDiscoveryEnumeration = true)]
    public void Nothing_is_left_where_the_operator_let_go(string what, NangoIntegration? last) => Assert.True(Leftovers.Of(last, Now) is null, what);

    [Fact]
    public void What_is_known_of_several_is_joined_by_uid()
    {
        var knows = Leftovers.Of(An.Integration().Applied().Build(), Now)!;
        var saw = Leftovers.Of(An.Integration().WithFinalizer().Generation(2).Build(), Now.AddMinutes(1))!;
        var other = Leftovers.Of(An.Integration().Named("other").WithFinalizer().Build(), Now)!;

        var joined = Leftovers.Join([knows, other], [saw])!;

        Assert.Equal(["uid-1", "uid-other"], joined.Select(one => one.Uid));
        Assert.Equal((A.Remote.CreatedAt, Now, 2), (joined[0].CreatedAt, joined[0].Since, joined[0].Resource.Metadata.Generation));
        Assert.Same(joined, Leftovers.Join(joined, null));
        Assert.Same(joined, Leftovers.Join(null, joined));
    }

    [Fact]
    public void One_that_went_with_our_finalizer_on_and_no_deletion_leaves_what_it_had()
    {
        var reported = Leftovers.Of(An.Integration().Applied().Build(), Now);
        var unreported = Leftovers.Of(An.Integration().WithFinalizer().Build(), Now);

        Assert.Equal((A.Remote.CreatedAt, Now), (reported!.CreatedAt, reported.Since));
        Assert.Equal(("uid-1", null), (unreported!.Uid, unreported.CreatedAt));
    }
}
