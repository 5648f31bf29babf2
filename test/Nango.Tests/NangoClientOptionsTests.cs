using Microsoft.Extensions.Options;

namespace NangoOrleans.Nango.Tests;

public sealed class NangoClientOptionsTests
{
    public static TheoryData<string, Action<NangoClientOptions>> Unusable => new()
    {
        { nameof(NangoClientOptions.RequestTimeout), options => options.RequestTimeout = TimeSpan.Zero },
        { nameof(NangoClientOptions.RequestTimeout), options => options.RequestTimeout = TimeSpan.FromSeconds(61) },
        { nameof(NangoClientOptions.ConnectTimeout), options => options.ConnectTimeout = TimeSpan.Zero },
        { nameof(NangoClientOptions.ConnectTimeout), options => options.ConnectTimeout = options.RequestTimeout + TimeSpan.FromTicks(1) },
        { nameof(NangoClientOptions.MaxResponseBytes), options => options.MaxResponseBytes = 0 },
        { nameof(NangoClientOptions.MaxListResponseBytes), options => options.MaxListResponseBytes = options.MaxResponseBytes - 1 },
        { nameof(NangoClientOptions.PooledConnectionIdleTimeout), options => options.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(61) },
        { nameof(NangoClientOptions.PooledConnectionIdleTimeout), options => options.PooledConnectionIdleTimeout = TimeSpan.Zero },
        { nameof(NangoClientOptions.MaxConnectionsPerServer), options => options.MaxConnectionsPerServer = 0 },
        { nameof(NangoClientOptions.PrivateAddressOrigins), options => options.PrivateAddressOrigins.Add("http://LOCALHOST") },
        { nameof(NangoClientOptions.PrivateAddressOrigins), options => options.PrivateAddressOrigins.Add("http://localhost/path") },
        { nameof(NangoClientOptions.PrivateAddressOrigins), options => options.PrivateAddressOrigins.Add("localhost") },
    };

    [Theory, MemberData(nameof(Unusable), DisableDiscoveryEnumeration = true)]
    public void Settings_that_cannot_work_are_refused_by_name(string name, Action<NangoClientOptions> configure)
    {
        var thrown = Assert.Throws<OptionsValidationException>(() => Resolve(configure));

        Assert.StartsWith(name, thrown.Failures.First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_as_documented()
    {
        var options = Resolve(null);

        Assert.Equal(TimeSpan.FromSeconds(15), options.RequestTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), options.ConnectTimeout);
        Assert.Equal(1_048_576, options.MaxResponseBytes);
        Assert.Equal(67_108_864, options.MaxListResponseBytes);
        Assert.Equal(TimeSpan.FromSeconds(45), options.PooledConnectionIdleTimeout);
        Assert.Equal(64, options.MaxConnectionsPerServer);
        Assert.True(options.UseProxy);
        Assert.Empty(options.PrivateAddressOrigins);
    }

    [Fact]
    public async Task Settings_are_checked_when_the_host_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddNangoClient(options => options.MaxConnectionsPerServer = 0);
        using var host = builder.Build();

        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    private static NangoClientOptions Resolve(Action<NangoClientOptions>? configure)
    {
        using var services = new ServiceCollection().AddNangoClient(configure).BuildServiceProvider();
        return services.GetRequiredService<IOptions<NangoClientOptions>>().Value;
    }
}
