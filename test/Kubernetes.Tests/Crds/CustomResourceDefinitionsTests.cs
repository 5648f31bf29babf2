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
    [Fact]
    public void The_checked_in_definitions_are_the_generated_ones()
    {
        var files = CustomResourceDefinitions.Files();
        var kustomization = YamlDocuments.Parse(RepositoryFiles.Read("k8s/crd/kustomization.yaml")).Single();

        Assert.Equal(files.Select(file => file.Name), kustomization["resources"]!.AsArray().Select(name => (string?)name));
        Assert.All(files, file => Assert.True(
            string.Equals(RepositoryFiles.Read($"k8s/crd/{file.Name}"), file.Text, StringComparison.Ordinal),
            $"k8s/crd/{file.Name} is out of date: run \"make manifests\" and commit the result."));
    }

    [Theory]
    [InlineData("NangoIntegration")]
    [InlineData("NangoEnvironment")]
    [InlineData("ClusterNangoEnvironment")]
    [InlineData("OrleansCluster")]
    public void Every_field_has_a_text_for_kubectl_explain(string kind)
    {
        var silent = SchemaPaths.Properties(SchemaPaths.SchemaOf(SchemaPaths.DefinitionOf(kind)))
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
            SchemaPaths.Properties(SchemaPaths.SchemaOf(SchemaPaths.DefinitionOf("NangoIntegration", compat: true))).Select(p => p.Path));
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
    public void Every_field_of_an_environment_is_read_into_the_record_and_its_status_is_written_as_it_was_read()
    {
        var schema = SchemaPaths.SchemaOf(SchemaPaths.ClusterEnvironment);
        var (spec, status) = (SchemaPaths.Sample(schema["properties"]!["spec"]!.AsObject()), SchemaPaths.Sample(schema["properties"]!["status"]!.AsObject()));

        var read = new JsonObject { ["spec"] = spec, ["status"] = status }.Deserialize<NangoEnvironment>()!;

        Assert.Empty(Unset(read.Spec!, "spec").Concat(Unset(read.Status!, "status")));
        Assert.True(JsonNode.DeepEquals(status, JsonSerializer.SerializeToNode(read.Status)));
        Assert.Equal(
            JsonNames(typeof(NangoEnvironmentSpec), "spec.").Concat(JsonNames(typeof(NangoEnvironmentStatus), "status.")).Order(StringComparer.Ordinal),
            SchemaPaths.Properties(schema).Select(p => p.Path.Replace("[]", "", StringComparison.Ordinal))
                .Where(path => path.Contains('.', StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_field_of_a_membership_table_is_written_as_it_was_read()
    {
        var spec = SchemaPaths.Sample(SchemaPaths.SchemaOf(SchemaPaths.DefinitionOf("OrleansCluster"))["properties"]!["spec"]!.AsObject());

        var read = spec.Deserialize<OrleansClusterSpec>()!;

        Assert.Empty(Unset(read, "spec"));
        Assert.True(JsonNode.DeepEquals(spec, JsonSerializer.SerializeToNode(read)));
    }

    [Fact]
    public void The_kind_of_one_namespace_lacks_what_only_the_cluster_wide_one_needs()
    {
        var all = SchemaPaths.Properties(SchemaPaths.SchemaOf(SchemaPaths.ClusterEnvironment)).Select(p => p.Path);
        var own = SchemaPaths.Properties(SchemaPaths.SchemaOf(SchemaPaths.Environment)).Select(p => p.Path);

        Assert.All(all.Except(own), path => Assert.True(path == "spec.token.secretKeyRef.namespace" || path.StartsWith("spec.allowed_namespaces", StringComparison.Ordinal), path));
        Assert.Empty(own.Except(all));
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
