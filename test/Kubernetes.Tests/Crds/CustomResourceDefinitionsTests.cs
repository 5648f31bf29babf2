using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Resources;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Crds;

public sealed class CustomResourceDefinitionsTests
{
    private const string CheckedIn = "k8s/crd/nango.nango.dev_nangointegrations.yaml";

    [Fact]
    public void The_checked_in_definition_is_the_generated_one() => Assert.True(
        string.Equals(RepositoryFiles.Read(CheckedIn), CustomResourceDefinitions.Render(compat: false), StringComparison.Ordinal),
        $"{CheckedIn} is out of date: run \"make manifests\" and commit the result.");

    [Fact]
    public void Every_field_has_a_text_for_kubectl_explain()
    {
        var silent = SchemaPaths.Properties(SchemaPaths.Schema)
            .Where(property => property.Path != "metadata" && string.IsNullOrWhiteSpace((string?)property.Schema["description"]))
            .Select(property => property.Path);

        Assert.Empty(silent);
    }

    [Fact]
    public void Fields_of_the_original_are_not_restricted()
    {
        string[] keywords = ["pattern", "minLength", "maxLength", "enum", "format"];
        string[] original =
        [
            "spec.unique_key", "spec.provider", "spec.display_name", "spec.nango_token", "spec.nango_base_url", "spec.credentials.type",
            "spec.credentials.client_id", "spec.credentials.client_secret", "spec.credentials.scopes",
        ];
        var found = SchemaPaths.Properties(SchemaPaths.Schema).ToDictionary(p => p.Path, p => p.Schema, StringComparer.Ordinal);

        Assert.All(original, path => Assert.DoesNotContain(keywords, found[path].ContainsKey));
    }

    [Fact]
    public void The_compatible_form_has_no_keyword_newer_than_Kubernetes_1_19()
    {
        var compatible = CustomResourceDefinitions.Render(compat: true);

        Assert.DoesNotContain("x-kubernetes-validations", compatible, StringComparison.Ordinal);
        Assert.DoesNotContain("selectableFields", compatible, StringComparison.Ordinal);
        Assert.Contains("x-kubernetes-validations", CustomResourceDefinitions.Render(compat: false), StringComparison.Ordinal);
        Assert.Equal(
            SchemaPaths.Properties(SchemaPaths.Schema).Select(p => p.Path),
            SchemaPaths.Properties(YamlDocuments.Parse(compatible).Single()["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject()).Select(p => p.Path));
    }

    [Fact]
    public void Every_field_of_the_schema_is_read_into_the_record()
    {
        var sample = new JsonObject
        {
            ["spec"] = SchemaPaths.Sample(SchemaPaths.Schema["properties"]!["spec"]!.AsObject()),
            ["status"] = SchemaPaths.Sample(SchemaPaths.Schema["properties"]!["status"]!.AsObject()),
        };

        var read = sample.Deserialize<NangoIntegration>()!;

        Assert.Empty(Unset(read.Spec!, "spec").Concat(Unset(read.Status!, "status")));
    }

    [Fact]
    public void Every_field_of_the_record_is_in_the_schema_and_the_status_is_written_as_it_was_read()
    {
        var sample = SchemaPaths.Sample(SchemaPaths.Schema["properties"]!["status"]!.AsObject());

        var written = JsonSerializer.SerializeToNode(sample.Deserialize<NangoIntegrationStatus>());

        Assert.True(JsonNode.DeepEquals(sample, written), $"read {sample.ToJsonString()}, wrote {written!.ToJsonString()}");
        Assert.Equal(
            JsonNames(typeof(NangoIntegrationSpec), "spec.").Concat(JsonNames(typeof(NangoIntegrationStatus), "status.")).Order(StringComparer.Ordinal),
            SchemaPaths.Properties(SchemaPaths.Schema).Select(p => p.Path.Replace("[]", "", StringComparison.Ordinal))
                .Where(path => path.Contains('.', StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Unset(object record, string path)
    {
        foreach (var (property, name) in JsonProperties(record.GetType()))
        {
            var value = property.GetValue(record);
            if (value is null or "" or 0L or 0 || (value is ICollection { Count: 0 }) || (value is DateTimeOffset time && time == default))
                yield return $"{path}.{name}";
            else if (IsOurs(property.PropertyType) && value is not SensitiveValue)
            {
                foreach (var nested in Unset(value, $"{path}.{name}")) yield return nested;
            }
            else if (value is IEnumerable<object> items and not IReadOnlyDictionary<string, string>)
            {
                foreach (var nested in items.SelectMany(item => Unset(item, $"{path}.{name}"))) yield return nested;
            }
        }
    }

    private static IEnumerable<string> JsonNames(Type type, string prefix)
    {
        foreach (var (property, name) in JsonProperties(type))
        {
            yield return prefix + name;
            var item = property.PropertyType.IsGenericType && property.PropertyType.GenericTypeArguments is [{ } only] ? only : property.PropertyType;
            if (!IsOurs(item) || item == typeof(SensitiveValue)) continue;
            foreach (var nested in JsonNames(item, $"{prefix}{name}.")) yield return nested;
        }
    }

    private static IEnumerable<(PropertyInfo Property, string Name)> JsonProperties(Type type) =>
        from property in type.GetProperties()
        let name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        where name is not null
        select (property, name);

    private static bool IsOurs(Type type) => type.IsClass && type.Assembly == typeof(NangoIntegration).Assembly;
}
