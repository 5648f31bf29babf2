namespace NangoOrleans.Integrations;

/// <summary>Namespace and name of a resource; as text <c>namespace/name</c>, the grain's key.</summary>
/// <param name="Namespace">Namespace of the resource.</param>
/// <param name="Name">Name of the resource.</param>
[GenerateSerializer, Immutable, Alias("nango.IntegrationKey")]
public readonly record struct IntegrationKey([property: Id(0)] string Namespace, [property: Id(1)] string Name)
{
    /// <summary>Reads <c>namespace/name</c>.</summary>
    /// <param name="text">The grain's key.</param>
    /// <exception cref="FormatException">The text has no <c>/</c> or an empty part.</exception>
    public static IntegrationKey Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1
            ? new(text[..slash], text[(slash + 1)..])
            : throw new FormatException($"'{text}' is not of the form namespace/name.");
    }

    /// <summary><c>namespace/name</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}
