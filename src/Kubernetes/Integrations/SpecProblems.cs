namespace NangoOrleans.Kubernetes;

/// <summary>Says what is wrong with a spec from the path of the error alone: an exception's own text may quote content.</summary>
internal static class SpecProblems
{
    /// <summary>A sentence such as <c>spec.suspend: must be true or false.</c></summary>
    /// <param name="spec">Type of the spec.</param>
    /// <param name="path">Path as System.Text.Json writes it, for instance <c>$.credentials.type</c>.</param>
    public static string Describe(Type spec, string? path)
    {
        var type = KubernetesJson.Options.GetTypeInfo(spec);
        var expected = spec;
        var field = "spec";
        foreach (var part in (path ?? "$").Split('.').Skip(1))
        {
            // An index or an unusual key stands in brackets: $.custom['a.b'].
            var name = part.Split('[')[0];
            var property = type.Properties.FirstOrDefault(p => p.Name == name);
            if (property is not null)
            {
                field += "." + name;
                expected = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                type = KubernetesJson.Options.GetTypeInfo(expected);
            }

            // Below a map the path goes on with keys that users choose; the map's own name is enough.
            if (property is null || name.Length < part.Length)
                return $"{field}: {(IsMap(expected) ? "every value must be a string" : Must(expected))}.";
        }

        return $"{field}: {Must(expected)}.";
    }

    private static bool IsMap(Type type) => typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && type != typeof(string);

    private static string Must(Type type) =>
        type == typeof(string) ? "must be a string"
        : type == typeof(bool) ? "must be true or false"
        : type == typeof(int) ? "must be a whole number"
        : type.IsEnum ? $"must be one of {string.Join(", ", Enum.GetNames(type))}"
        : IsMap(type) ? "must be a map of strings"
        : "must be an object";
}
