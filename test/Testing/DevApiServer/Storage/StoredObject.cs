using System.Globalization;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Storage;

/// <summary>One version of one object. Never changed once made: whoever wants a change clones <see cref="Content"/>.</summary>
internal sealed class StoredObject(string key, JsonObject content, long revision)
{
    public string Key { get; } = key;

    public JsonObject Content { get; } = content;

    /// <summary>The numeric resourceVersion.</summary>
    public long Revision { get; } = revision;

    /// <summary>The object as sent in answers and events; kept so that a list of thousands only copies bytes.</summary>
    public byte[] Json { get; } = JsonTree.Serialize(content);

    public string Name { get; } = content.Name() ?? "";

    public string Namespace { get; } = content.Namespace() ?? "";

    public string ApiVersion { get; } = content.Text("apiVersion") ?? "";

    public static string Format(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
