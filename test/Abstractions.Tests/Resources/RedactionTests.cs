using System.Reflection;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;
using Orleans.Serialization;

namespace NangoOrleans.Abstractions.Tests.Resources;

public sealed class RedactionTests
{
    private const string Canary = "canary-4711";

    [Fact]
    public void No_record_shows_a_sensitive_value()
    {
        var resource = Filled();

        Assert.DoesNotContain(Canary, $"{resource.Spec!.NangoToken} {resource.Spec.Credentials} {resource.Spec} {resource}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_literal_does_not_cross_the_wire_even_if_nobody_redacted_it()
    {
        var spec = Filled().Spec! with { IntegrationConfig = null, Custom = null };

        Assert.DoesNotContain(Canary, Wire(spec), StringComparison.Ordinal);
    }

    [Fact]
    public void A_redacted_poke_carries_no_secret_over_the_wire_and_keeps_everything_else()
    {
        var poke = new IntegrationPoke { Resource = Filled().Redact() };

        Assert.DoesNotContain(Canary, Wire(poke), StringComparison.Ordinal);
        var received = Serializer().Deserialize<IntegrationPoke>(Serializer().SerializeToArray(poke))!.Resource!;
        Assert.Equal("key", received.Spec!.UniqueKey);
        Assert.Equal(["word"], received.Spec.Custom!.Keys);
        Assert.Equal(["word"], received.Spec.IntegrationConfig!.Keys);
        Assert.All(Sensitive(received.Spec), value =>
        {
            Assert.Equal(SensitiveValueKind.Literal, value.Kind);
            Assert.True(value.IsRedacted);
            Assert.Throws<InvalidOperationException>(value.Reveal);
        });
    }

    [Fact]
    public void References_and_problems_survive_redaction_and_the_wire()
    {
        var selector = new SecretKeySelector { Name = "s", Key = "k", Optional = true };
        var spec = new NangoIntegrationSpec
        {
            NangoToken = SensitiveValue.FromLiteral("$(NANGO_TOKEN)"),
            Credentials = new() { ClientId = SensitiveValue.FromSecret(selector), ClientSecret = SensitiveValue.Malformed("is a JSON list") },
        }.Redact();

        var received = Serializer().Deserialize<NangoIntegrationSpec>(Serializer().SerializeToArray(spec))!;

        Assert.Equal("$(NANGO_TOKEN)", received.NangoToken!.Expansion);
        Assert.Equal(selector, received.Credentials!.ClientId!.SecretKeyRef);
        Assert.Equal("is a JSON list", received.Credentials.ClientSecret!.Problem);
        Assert.False(received.NangoToken.IsRedacted);
    }

    [Fact]
    public void Every_sensitive_property_is_redacted()
    {
        var resource = Filled();

        Assert.All(Sensitive(resource.Spec!), value => Assert.Equal(Canary, value.Reveal()));
        Assert.All(Sensitive(resource.Redact().Spec!), value => Assert.True(value.IsRedacted));
    }

    // By reflection, so that a sensitive property added later cannot be forgotten.
    private static NangoIntegration Filled()
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal) { ["word"] = Canary };
        var credentials = new IntegrationCredentials { Type = "CUSTOM" };
        var spec = new NangoIntegrationSpec { UniqueKey = "key", Credentials = credentials, IntegrationConfig = map, Custom = map };
        foreach (var (owner, property) in SensitiveProperties(spec)) property.SetValue(owner, SensitiveValue.FromLiteral(Canary));
        return new NangoIntegration { Metadata = new() { Namespace = "n", Name = "m" }, Spec = spec };
    }

    private static IReadOnlyList<SensitiveValue> Sensitive(NangoIntegrationSpec spec) =>
        [.. SensitiveProperties(spec).Select(pair => (SensitiveValue)pair.Property.GetValue(pair.Owner)!)];

    private static IEnumerable<(object Owner, PropertyInfo Property)> SensitiveProperties(NangoIntegrationSpec spec) =>
        from owner in (object[])[spec, spec.Credentials!]
        from property in owner.GetType().GetProperties()
        where property.PropertyType == typeof(SensitiveValue)
        select (owner, property);

    private static string Wire<T>(T value) => Encoding.UTF8.GetString(Serializer().SerializeToArray(value));

    private static Serializer Serializer() => new ServiceCollection()
        .AddSerializer(builder => builder.AddAssembly(typeof(NangoIntegration).Assembly))
        .BuildServiceProvider().GetRequiredService<Serializer>();
}
