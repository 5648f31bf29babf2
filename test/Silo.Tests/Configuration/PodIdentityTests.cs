using System.Net;
using Microsoft.Extensions.Configuration;
using NangoOrleans.Hosting;

namespace NangoOrleans.Configuration;

public sealed class PodIdentityTests
{
    private static readonly (string, string?)[] Pod = [("POD_NAME", "manager-7d9f-x2x"), ("POD_NAMESPACE", "system"), ("POD_IP", "10.1.2.3")];

    [Fact]
    public void A_pod_is_one_of_several_silos_unless_it_is_told_otherwise()
    {
        var (inPod, problems) = Read([("KUBERNETES_SERVICE_HOST", "10.0.0.1"), .. Pod]);
        var (alone, _) = Read([("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("NangoOrleans:Clustering", "Development"), .. Pod]);
        var (outside, _) = Read(Pod);

        Assert.Empty(problems);
        Assert.Equal(new PodIdentity("manager-7d9f-x2x", "system", IPAddress.Parse("10.1.2.3")), inPod.Pod);
        Assert.Equal(ClusteringKind.Kubernetes, inPod.Options.Clustering);
        Assert.Null(alone.Pod);
        Assert.Null(outside.Pod);
        Assert.Equal(ClusteringKind.Development, outside.Options.Clustering);
    }

    [Theory]
    [InlineData("10.1.2.3", null, "*")]
    [InlineData("127.0.0.1", null, "127.0.0.1")]
    [InlineData("10.1.2.3", "10.1.2.3", "10.1.2.3")]
    public void Health_is_served_where_probes_come_from(string address, string? bind, string expected)
    {
        var (settings, _) = Read([("NangoOrleans:Clustering", "Kubernetes"), .. Pod[..2], ("POD_IP", address), ("NangoOrleans:BindAddress", bind)]);

        Assert.Equal(expected, settings.Options.BindAddress);
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("fd00::17")]
    [InlineData("127.0.0.1")]
    public void Silos_listen_for_each_other_on_the_address_of_their_pod(string address)
    {
        var (settings, problems) = Read([("NangoOrleans:Clustering", "Kubernetes"), .. Pod[..2], ("POD_IP", address)]);

        Assert.Empty(problems);
        Assert.Equal(IPAddress.Parse(address), SiloPorts.AddressOf(settings));
    }

    [Theory]
    [InlineData("POD_NAME", null, "POD_NAME is not set, but NangoOrleans:Clustering (environment NangoOrleans__Clustering) is Kubernetes: give the container this variable from the pod's field metadata.name.")]
    [InlineData("POD_NAMESPACE", "", "POD_NAMESPACE is not set, but NangoOrleans:Clustering (environment NangoOrleans__Clustering) is Kubernetes: give the container this variable from the pod's field metadata.namespace.")]
    [InlineData("POD_IP", null, "POD_IP is not set, but NangoOrleans:Clustering (environment NangoOrleans__Clustering) is Kubernetes: give the container this variable from the pod's field status.podIP.")]
    [InlineData("POD_NAME", "No_Name", "POD_NAME must be the name of a pod, was No_Name.")]
    [InlineData("POD_NAMESPACE", "a.b", "POD_NAMESPACE must be the name of a namespace, was a.b.")]
    [InlineData("POD_IP", "here", "POD_IP must be the IP address at which other silos reach this one, was here.")]
    [InlineData("POD_IP", "0.0.0.0", "POD_IP must be the IP address at which other silos reach this one, was 0.0.0.0.")]
    public void A_mistaken_identity_is_told_in_one_sentence(string name, string? value, string sentence)
    {
        var (_, problems) = Read([("NangoOrleans:Clustering", "Kubernetes"), .. Pod.Where(p => p.Item1 != name), (name, value)]);

        Assert.Equal([sentence], problems);
    }

    private static (OperatorSettings Settings, IReadOnlyList<string> Problems) Read(IEnumerable<(string Name, string? Value)> values) =>
        OperatorSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values.Where(v => v.Value is not null).Select(v => KeyValuePair.Create(v.Name, v.Value))).Build());
}
