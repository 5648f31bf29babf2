using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>In which of its forms a sensitive value was written.</summary>
public enum SensitiveValueKind
{
    /// <summary>A plain string, or <c>{value: …}</c>.</summary>
    Literal,

    /// <summary><c>{secretKeyRef: {name, key, optional}}</c>.</summary>
    SecretKeyRef,

    /// <summary>A plain string of the form <c>$(NAME)</c>; only <c>$(NANGO_TOKEN)</c> in <c>nango_token</c> has a meaning.</summary>
    Expansion,

    /// <summary>None of the forms: <see cref="SensitiveValue.Problem"/> says what is wrong with its shape.</summary>
    Invalid,
}

/// <summary>Names one key of one Secret in the resource's own namespace.</summary>
[GenerateSerializer, Immutable, Alias("nango.SecretKeySelector")]
public sealed record SecretKeySelector
{
    /// <summary>Name of the Secret.</summary>
    [Id(0), JsonPropertyName("name")] public string Name { get; init; } = "";

    /// <summary>Key within the Secret's data.</summary>
    [Id(1), JsonPropertyName("key")] public string Key { get; init; } = "";

    /// <summary>True: a missing Secret or key means "not set" instead of an error.</summary>
    [Id(2), JsonPropertyName("optional")] public bool? Optional { get; init; }
}

/// <summary>
/// A value that may be secret. Its literal never crosses the wire between silos, is never written back to JSON,
/// and never shows in <see cref="ToString"/>; a redacted copy still tells in which form the value was written.
/// </summary>
[GenerateSerializer, Immutable, Alias("nango.SensitiveValue")]
[JsonConverter(typeof(SensitiveValueConverter))]
public sealed class SensitiveValue
{
    [NonSerialized]
    private readonly string? _literal;

    private SensitiveValue(SensitiveValueKind kind, string? literal, SecretKeySelector? secretKeyRef, string? text)
    {
        Kind = kind;
        _literal = literal;
        SecretKeyRef = secretKeyRef;
        Text = text;
    }

    /// <summary>In which form the value was written.</summary>
    [Id(0)] public SensitiveValueKind Kind { get; }

    /// <summary>The reference; null unless <see cref="Kind"/> is <see cref="SensitiveValueKind.SecretKeyRef"/>.</summary>
    [Id(1)] public SecretKeySelector? SecretKeyRef { get; }

    [Id(2)] private string? Text { get; }

    /// <summary>The whole text of an <see cref="SensitiveValueKind.Expansion"/>, for instance <c>$(NANGO_TOKEN)</c>; else null.</summary>
    public string? Expansion => Kind == SensitiveValueKind.Expansion ? Text : null;

    /// <summary>What is wrong with the shape of an <see cref="SensitiveValueKind.Invalid"/> value, without its content; else null.</summary>
    public string? Problem => Kind == SensitiveValueKind.Invalid ? Text : null;

    /// <summary>True when a literal was written but this copy does not carry it.</summary>
    public bool IsRedacted => Kind == SensitiveValueKind.Literal && _literal is null;

    /// <summary>A literal; text of the form <c>$(NAME)</c> becomes an <see cref="SensitiveValueKind.Expansion"/>.</summary>
    /// <param name="value">The text as written.</param>
    public static SensitiveValue FromLiteral(string value) => IsExpansion(value)
        ? new(SensitiveValueKind.Expansion, null, null, value)
        : new(SensitiveValueKind.Literal, value, null, null);

    /// <summary>A reference to a key of a Secret.</summary>
    /// <param name="selector">Which Secret and key.</param>
    public static SensitiveValue FromSecret(SecretKeySelector selector) =>
        new(SensitiveValueKind.SecretKeyRef, null, selector, null);

    /// <summary>A value of no known form.</summary>
    /// <param name="problem">What is wrong with the shape; must not quote the content.</param>
    public static SensitiveValue Malformed(string problem) => new(SensitiveValueKind.Invalid, null, null, problem);

    /// <summary>A copy without the literal.</summary>
    public SensitiveValue Redact() => Kind == SensitiveValueKind.Literal ? new(Kind, null, null, null) : this;

    /// <summary>The text itself, for the one place that sends it to Nango.</summary>
    /// <returns>The literal, or the whole text of an expansion.</returns>
    /// <exception cref="InvalidOperationException">The value is a reference or invalid, or this copy is redacted.</exception>
    public string Reveal() => Kind switch
    {
        SensitiveValueKind.Literal when _literal is not null => _literal,
        SensitiveValueKind.Expansion => Text!,
        _ => throw new InvalidOperationException("The value is not carried by this copy."),
    };

    /// <summary>Never the value.</summary>
    public override string ToString() => Kind == SensitiveValueKind.Expansion ? Text! : $"[{Kind}]";

    private static bool IsExpansion(string value) =>
        value.Length > 3 && value.StartsWith("$(", StringComparison.Ordinal) && value.IndexOf(')') == value.Length - 1;
}
