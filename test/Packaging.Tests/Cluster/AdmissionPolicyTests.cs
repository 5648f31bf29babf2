using System.Text.Json.Nodes;
using NangoOrleans.Packaging.Support;

namespace NangoOrleans.Packaging;

/// <summary>The optional policy refuses exactly the shapes that the operator calls malformed.</summary>
public sealed class AdmissionPolicyTests(PolicedCluster cluster) : IClassFixture<PolicedCluster>
{
    private static readonly string[] Fields = ["nango_token", "client_id", "client_secret", "webhook_secret", "app_id", "private_key"];

    public static TheoryData<string> Good { get; } =
    [
        "\"text\"", """{"value":"text"}""", """{"secretKeyRef":{"name":"a","key":"b"}}""",
        """{"secretKeyRef":{"name":"a","key":"b","optional":true}}""", """{"value":null,"secretKeyRef":{"name":"a","key":"b"}}""", """{"value":"text","secretKeyRef":null}""",
    ];

    public static TheoryData<string> Bad { get; } =
    [
        "5", "true", "[\"a\"]", "{}", """{"value":1}""", """{"value":"text","secretKeyRef":{"name":"a","key":"b"}}""", """{"secretKeyRef":3}""",
        """{"secretKeyRef":{"name":"a"}}""", """{"secretKeyRef":{"name":"","key":"b"}}""", """{"secretKeyRef":{"name":"a","key":"b","optional":"yes"}}""",
    ];

    [Theory]
    [MemberData(nameof(Good))]
    public async Task What_the_operator_understands_is_let_in(string value)
    {
        foreach (var field in Fields)
        {
            var result = await cluster.TryAsync(Integration(field, value));

            Assert.True(result.Code == 0, $"{field}: {result.Error}");
        }
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task What_the_operator_calls_malformed_is_refused_with_the_field_and_the_remedy(string value)
    {
        foreach (var field in Fields)
        {
            var result = await cluster.TryAsync(Integration(field, value));

            Assert.NotEqual(0, result.Code);
            Assert.Contains($"{field}: write a string, {{value: …}} or {{secretKeyRef: {{name: …, key: …}}}}", result.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nango_token")]
    [InlineData("webhook_secret")]
    public async Task Null_counts_as_left_out(string field)
    {
        var result = await cluster.TryAsync(Integration(field, "null"));

        Assert.True(result.Code == 0, result.Error);
    }

    [Fact]
    public async Task What_was_stored_before_can_still_be_labelled()
    {
        await cluster.KubectlAsync("label", "ni", PolicedCluster.Older, "touched=yes", "--overwrite");

        var edited = await cluster.TryAsync("patch", "ni", PolicedCluster.Older, "--type", "merge", "-p", """{"spec":{"display_name":"Other"}}""");
        Assert.Contains("spec.nango_token: write a string", edited.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Samples_are_let_in() => await cluster.KubectlAsync("apply", "--dry-run=server", "-k", "k8s/samples");

    private static JsonObject Integration(string field, string value)
    {
        var credentials = new JsonObject
        {
            ["type"] = "CUSTOM",
            ["client_id"] = "a",
            ["client_secret"] = "b",
            ["app_id"] = "c",
            ["app_link"] = "https://app.example",
            ["private_key"] = "d",
            ["webhook_secret"] = "e",
        };
        var spec = new JsonObject { ["unique_key"] = "key", ["provider"] = "slack", ["display_name"] = "Name", ["nango_token"] = "f", ["credentials"] = credentials };
        (field == "nango_token" ? spec : credentials)[field] = JsonNode.Parse(value);
        return new()
        {
            ["apiVersion"] = "nango.nango.dev/v1alpha1",
            ["kind"] = "NangoIntegration",
            ["metadata"] = new JsonObject { ["name"] = "shaped", ["namespace"] = "default" },
            ["spec"] = spec,
        };
    }
}
