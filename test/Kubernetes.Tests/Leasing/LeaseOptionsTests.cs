using NangoOrleans.Kubernetes.Leasing;

namespace NangoOrleans.Kubernetes.Tests.Leasing;

public sealed class LeaseOptionsTests
{
    private static readonly LeaseOptions Valid = new() { Namespace = "a", Name = "b", Identity = "c" };

    public static TheoryData<string, LeaseOptions> Impossible => new()
    {
        { "no namespace", Valid with { Namespace = "" } },
        { "no name", Valid with { Name = " " } },
        { "no identity: an empty holder means a free Lease", Valid with { Identity = "" } },
        { "deadline not before expiry", Valid with { RenewDeadline = Valid.Duration } },
        { "no second attempt before the deadline", Valid with { RetryPeriod = TimeSpan.FromSeconds(6) } },
        { "fraction of a second cannot be written", Valid with { Duration = TimeSpan.FromSeconds(15.5) } },
        { "no retry period", Valid with { RetryPeriod = TimeSpan.Zero } },
        { "stop outlasts the Lease", Valid with { StopTimeout = TimeSpan.FromSeconds(15) } },
    };

    [Fact]
    public void Defaults_are_those_of_kubernetes()
    {
        Valid.Validate();

        Assert.Equal((15, 10, 2), (Valid.Duration.TotalSeconds, Valid.RenewDeadline.TotalSeconds, Valid.RetryPeriod.TotalSeconds));
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Impossible))]
    public void Impossible_options_are_refused(string why, LeaseOptions options)
    {
        Assert.True(Record.Exception(options.Validate) is InvalidOperationException, why);
    }
}
