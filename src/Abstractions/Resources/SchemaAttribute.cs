namespace NangoOrleans.Resources;

/// <summary>
/// What the CRD says of a property beyond its type and description. Fields that the original operator's CRD had carry
/// no restriction: a stricter schema would trap the objects that already exist.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SchemaAttribute : Attribute
{
    /// <summary>The property must be there.</summary>
    public bool Required { get; set; }

    /// <summary>The property keeps its first value (CEL; servers before 1.25 do not know it).</summary>
    public bool Immutable { get; set; }

    /// <summary>The only values of a string.</summary>
    public string[] Values { get; set; } = [];

    /// <summary>Regular expression (RE2) a string must match.</summary>
    public string? Pattern { get; set; }

    /// <summary>Least number of characters; 0 for no limit.</summary>
    public int MinLength { get; set; }

    /// <summary>Greatest number of characters; 0 for no limit.</summary>
    public int MaxLength { get; set; }

    /// <summary>Least number.</summary>
    public int Minimum { get; set; }

    /// <summary>Greatest number; 0 for no limits.</summary>
    public int Maximum { get; set; }

    /// <summary>The property of the items by which a list is a map.</summary>
    public string? ListMapKey { get; set; }
}
