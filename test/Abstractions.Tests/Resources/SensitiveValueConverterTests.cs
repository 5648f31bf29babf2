using System.Text.Json;
using CsCheck;
using NangoOrleans.Resources;

namespace NangoOrleans.Abstractions.Tests.Resources;

public sealed class SensitiveValueConverterTests
{
    private const string Canary = "canary-4711";

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("\"\"", "")]
    [InlineData("""{"value":"text"}""", "text")]
    [InlineData("""{"value":"text","secretKeyRef":null}""", "text")]
    [InlineData("\"$()\"", "$()")]
    [InlineData("\"$(A)b\"", "$(A)b")]
    [InlineData("\"$(A)$(B)\"", "$(A)$(B)")]
    [InlineData("\"text\\n\"", "text\n")]
    public void Text_is_a_literal(string json, string expected)
    {
        var value = Read(json)!;

        Assert.Equal(SensitiveValueKind.Literal, value.Kind);
        Assert.Equal(expected, value.Reveal());
        Assert.Null(value.Problem);
    }

    [Theory]
    [InlineData("\"$(NANGO_TOKEN)\"", "$(NANGO_TOKEN)")]
    [InlineData("\"$(OTHER)\"", "$(OTHER)")]
    [InlineData("""{"value":"$(NANGO_TOKEN)"}""", "$(NANGO_TOKEN)")]
    public void Text_in_dollar_and_brackets_is_an_expansion(string json, string expected)
    {
        var value = Read(json)!;

        Assert.Equal(SensitiveValueKind.Expansion, value.Kind);
        Assert.Equal(expected, value.Expansion);
    }

    [Theory]
    [InlineData("""{"secretKeyRef":{"name":"s","key":"k"}}""", null)]
    [InlineData("""{"secretKeyRef":{"name":"s","key":"k","optional":null}}""", null)]
    [InlineData("""{"secretKeyRef":{"name":"s","key":"k","optional":true}}""", true)]
    [InlineData("""{"value":null,"secretKeyRef":{"name":"s","key":"k","optional":false}}""", false)]
    public void A_selector_is_a_reference(string json, bool? optional)
    {
        var value = Read(json)!;

        Assert.Equal(SensitiveValueKind.SecretKeyRef, value.Kind);
        Assert.Equal(new SecretKeySelector { Name = "s", Key = "k", Optional = optional }, value.SecretKeyRef);
        Assert.Throws<InvalidOperationException>(value.Reveal);
    }

    [Theory]
    [InlineData("5", "number")]
    [InlineData("true", "boolean")]
    [InlineData("[\"canary-4711\"]", "list")]
    [InlineData("{}", "neither value nor secretKeyRef")]
    [InlineData("""{"other":"canary-4711"}""", "neither value nor secretKeyRef")]
    [InlineData("""{"value":"canary-4711","secretKeyRef":{"name":"s","key":"k"}}""", "both value and secretKeyRef")]
    [InlineData("""{"value":4711}""", "number")]
    [InlineData("""{"value":{"inner":"canary-4711"}}""", "object")]
    [InlineData("""{"secretKeyRef":"canary-4711"}""", "not an object")]
    [InlineData("""{"secretKeyRef":{"key":"k"}}""", "without a name")]
    [InlineData("""{"secretKeyRef":{"name":"","key":"k"}}""", "without a name")]
    [InlineData("""{"secretKeyRef":{"name":"s"}}""", "without a key")]
    [InlineData("""{"secretKeyRef":{"name":5,"key":"k"}}""", "without a name")]
    [InlineData("""{"secretKeyRef":{"name":"s","key":"k","optional":"yes"}}""", "optional")]
    public void Another_shape_is_told_without_its_content(string json, string problem)
    {
        var value = Read(json)!;

        Assert.Equal(SensitiveValueKind.Invalid, value.Kind);
        Assert.Contains(problem, value.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, value.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_no_value() => Assert.Null(Read("null"));

    [Fact]
    public void Whatever_is_written_is_read_without_an_exception_and_never_shown() => Json(depth: 3).Sample(json =>
    {
        var value = Read(json);

        Assert.DoesNotContain(Canary, $"{value} {value?.Problem} {value?.Expansion}", StringComparison.Ordinal);
    });

    [Fact]
    public void A_value_is_never_written()
    {
        var spec = new NangoIntegrationSpec { NangoToken = SensitiveValue.FromLiteral(Canary) };

        var refusal = Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(spec));

        Assert.DoesNotContain(Canary, refusal.ToString(), StringComparison.Ordinal);
    }

    private static SensitiveValue? Read(string json) => JsonSerializer.Deserialize<SensitiveValue>(json);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static Gen<string> Json(int depth)
    {
        var leaf = OneOf($"\"{Canary}\"", "\"\"", "null", "true", "0", "{}", "[]");
        if (depth == 0) return leaf;
        var key = OneOf("value", "secretKeyRef", "name", "key", "optional");
        var map = Gen.Select(key, Json(depth - 1)).Array[0, 4].Select(pairs => $"{{{string.Join(',', pairs.Select(p => $"\"{p.Item1}\":{p.Item2}"))}}}");
        return Gen.OneOf(leaf, map, Json(depth - 1).Select(item => $"[{item}]"));
    }
}
