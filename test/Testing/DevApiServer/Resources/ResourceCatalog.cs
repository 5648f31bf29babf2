using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Resources;

/// <summary>What is served at the moment: built-in resources and those of the stored definitions.</summary>
internal sealed class ResourceCatalog
{
    private volatile ImmutableDictionary<(string Group, string Version, string Plural), ResourceType> _types =
        BuiltInResources.All.ToImmutableDictionary(type => (type.Group, type.Version, type.Plural));

    public IEnumerable<ResourceType> All => _types.Values
        .OrderBy(type => type.Group, StringComparer.Ordinal).ThenBy(type => type.Version, StringComparer.Ordinal).ThenBy(type => type.Plural, StringComparer.Ordinal);

    public ResourceType? Find(string group, string version, string plural) => _types.GetValueOrDefault((group, version, plural));

    public IEnumerable<ResourceType> InGroup(string group, string version) => All.Where(type => type.Group == group && type.Version == version);

    /// <summary>Puts the versions of one definition in place of those it had before.</summary>
    public void Replace(JsonObject definition)
    {
        var served = CustomResourceDefinition.ResourcesOf(definition);
        var (group, plural) = CustomResourceDefinition.NameOf(definition);
        _types = Without(group, plural).AddRange(served.Select(type => KeyValuePair.Create((type.Group, type.Version, type.Plural), type)));
    }

    public void Remove(JsonObject definition)
    {
        var (group, plural) = CustomResourceDefinition.NameOf(definition);
        _types = Without(group, plural);
    }

    private ImmutableDictionary<(string Group, string Version, string Plural), ResourceType> Without(string group, string plural) =>
        _types.RemoveRange(_types.Keys.Where(key => key.Group == group && key.Plural == plural));
}
