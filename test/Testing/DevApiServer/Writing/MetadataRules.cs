using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Writing;

/// <summary>What metadata may hold; sentences are those of kube-apiserver.</summary>
internal static partial class MetadataRules
{
    private const string SubdomainRule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string LabelRule = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string QualifiedRule = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string ValueRule = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private static readonly HashSet<string> Known =
    [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    ];

    /// <summary>Drops nulls and unknown fields of metadata; returns the paths of the latter.</summary>
    /// <exception cref="ApiException">A label or annotation is not text.</exception>
    public static List<string> Clean(JsonObject item)
    {
        var metadata = item.Metadata();
        var unknown = new List<string>();
        foreach (var (name, value) in metadata.ToArray())
        {
            if (!Known.Contains(name))
            {
                unknown.Add("metadata." + name);
            }

            if (value is null || !Known.Contains(name))
            {
                metadata.Remove(name);
            }
        }

        foreach (var map in (string[])["labels", "annotations"])
        {
            CleanMap(metadata, map);
        }

        if (metadata.Array("finalizers") is { Count: 0 })
        {
            metadata.Remove("finalizers");
        }

        return unknown;
    }

    public static IEnumerable<FieldError> Check(JsonObject item, ResourceType type)
    {
        if (string.IsNullOrEmpty(item.Name()))
        {
            yield return FieldError.Required("metadata.name", "name or generateName is required");
        }
        else if (NameRule(item.Name()!, type) is { } rule)
        {
            yield return FieldError.Invalid("metadata.name", $"\"{item.Name()}\"", rule);
        }

        foreach (var (key, value) in item.Metadata().Object("labels") ?? [])
        {
            var local = key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];
            if (local.Length > 63 || !LabelText().IsMatch(local))
            {
                yield return FieldError.Invalid("metadata.labels", $"\"{key}\"", QualifiedRule);
            }

            if (value.Text() is { Length: > 0 } text && (text.Length > 63 || !LabelText().IsMatch(text)))
            {
                yield return FieldError.Invalid("metadata.labels", $"\"{text}\"", ValueRule);
            }
        }
    }

    /// <summary>A deletion may only lose finalizers.</summary>
    public static FieldError? CheckFinalizers(JsonObject before, JsonObject after)
    {
        if (!before.IsDeleting())
        {
            return null;
        }

        var added = after.Metadata().Array("finalizers").Texts().Except(before.Metadata().Array("finalizers").Texts()).ToArray();
        return added.Length == 0 ? null : FieldError.Forbidden(
            "metadata.finalizers",
            $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(name => $"\"{name}\""))}}}");
    }

    private static string? NameRule(string name, ResourceType type)
    {
        if (type.Group == "rbac.authorization.k8s.io")
        {
            return null;
        }

        return type == BuiltInResources.Namespaces
            ? name.Length > 63 || !Label().IsMatch(name) ? LabelRule : null
            : name.Length > 253 || !Subdomain().IsMatch(name) ? SubdomainRule : null;
    }

    private static void CleanMap(JsonObject metadata, string name)
    {
        if (metadata[name] is not JsonObject map)
        {
            return;
        }

        foreach (var (key, value) in map.ToArray())
        {
            if (value is null)
            {
                map[key] = "";
            }
            else if (value.Text() is null)
            {
                throw ApiException.BadRequest($"json: cannot unmarshal {value.GetValueKind().ToString().ToLowerInvariant()} into Go struct field ObjectMeta.metadata.{name} of type string");
            }
        }

        if (map.Count == 0)
        {
            metadata.Remove(name);
        }
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Subdomain();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();

    [GeneratedRegex("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex LabelText();
}
