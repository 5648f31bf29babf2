using System.Text;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Tests.Stores;

public sealed class NangoIntegrationParserTests
{
    [Theory]
    [InlineData("""{"suspend":"hush"}""", "spec.suspend: must be true or false.")]
    [InlineData("""{"unique_key":{"hush":1}}""", "spec.unique_key: must be a string.")]
    [InlineData("""{"credentials":{"type":["hush"]}}""", "spec.credentials.type: must be a string.")]
    [InlineData("""{"credentials":"hush"}""", "spec.credentials: must be an object.")]
    [InlineData("""{"credentials":{"secret_ref":{"name":5}}}""", "spec.credentials.secret_ref.name: must be a string.")]
    [InlineData("""{"custom":{"hu.sh":7}}""", "spec.custom: every value must be a string.")]
    [InlineData("""{"custom":["hush"]}""", "spec.custom: must be a map of strings.")]
    [InlineData("""{"deletion_policy":"hush"}""", "spec.deletion_policy: must be one of DeleteIfUnused, Delete, Retain.")]
    [InlineData("\"hush\"", "spec: must be an object.")]
    [InlineData("null", "spec: is null.")]
    public void Unreadable_spec_is_named_by_field_and_type_without_content(string spec, string problem)
    {
        var parsed = NangoIntegrationParser.Parse(Encoding.UTF8.GetBytes(Objects.Integration("a", "5", spec: spec)));

        Assert.Null(parsed.Spec);
        Assert.Equal(problem, parsed.SpecProblem);
        Assert.Equal(("ns", "a", "uid-a", "5"), (parsed.Metadata.Namespace, parsed.Metadata.Name, parsed.Metadata.Uid, parsed.Metadata.ResourceVersion));
    }

    [Fact]
    public void Only_our_annotations_and_the_few_metadata_fields_are_kept()
    {
        var json = """
            {"kind":"NangoIntegration","status":{"observedGeneration":-1},"spec":{"unique_key":"k","surprise":[1,{"x":2}]},"metadata":{
            "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"nango.nango.dev/x\":1}","nango.nango.dev/absent-at":"now","nango.nango.devil/x":"no"},
            "managedFields":[{"manager":"m","fieldsV1":{"f:spec":{}}}],"finalizers":["nango.nango.dev/integration","x"],"labels":{"a":"b"},
            "creationTimestamp":"2026-01-02T03:04:05Z","deletionTimestamp":"2026-01-02T03:04:06Z","deletionGracePeriodSeconds":0,"generation":7,
            "name":"a","namespace":"ns","uid":"u","resourceVersion":"9"}}
            """;

        var parsed = NangoIntegrationParser.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Equal(new Dictionary<string, string> { [NangoApi.AbsentAtAnnotation] = "now" }, parsed.Metadata.Annotations);
        Assert.Equal([NangoApi.Finalizer, "x"], parsed.Metadata.Finalizers);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), parsed.Metadata.CreationTimestamp);
        Assert.True(parsed is { IsDeleting: true, HasFinalizer: true, Metadata.Generation: 7, Spec.UniqueKey: "k", SpecProblem: null });
        Assert.Empty(parsed.Status!.Conditions);
    }

    [Fact]
    public void Defaults_of_absent_fields_survive()
    {
        var json = Objects.Integration("a", "5", spec: """{"credentials":{"secret_ref":{}},"environment_ref":{}}""");

        var parsed = NangoIntegrationParser.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Equal(("", "", ""), (parsed.Spec!.Credentials!.SecretRef!.Name, parsed.Spec.EnvironmentRef!.Kind, parsed.Spec.EnvironmentRef.Name));
    }

    [Fact]
    public void Status_of_an_unknown_form_counts_as_none()
    {
        var json = """{"metadata":{"name":"a"},"spec":{},"status":{"conditions":"yes"}}""";

        var parsed = NangoIntegrationParser.Parse(Encoding.UTF8.GetBytes(json));

        Assert.True(parsed is { Status: null, Spec: not null });
    }

    [Fact]
    public void Redacted_variant_carries_no_secret()
    {
        var json = Objects.Integration("a", "5", spec: """{"nango_token":"hush","custom":{"k":"hush"},"credentials":{"private_key":{"value":"hush"}}}""");

        var parsed = NangoIntegrationParser.ParseRedacted(Encoding.UTF8.GetBytes(json));

        Assert.True(parsed.Spec!.NangoToken!.IsRedacted && parsed.Spec.Credentials!.PrivateKey!.IsRedacted);
        Assert.Equal("", parsed.Spec.Custom!["k"]);
    }
}
