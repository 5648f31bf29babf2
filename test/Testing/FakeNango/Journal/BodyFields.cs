using System.Text.Json;

namespace NangoOrleans.FakeNango;

/// <summary>Names of the members a body carries.</summary>
internal static class BodyFields
{
    // A hostile body must not fill the journal.
    private const int Limit = 64;

    public static IReadOnlyList<string> Of(JsonElement? body)
    {
        if (body is not { ValueKind: JsonValueKind.Object } members)
            return [];
        var names = new List<string>();
        foreach (var member in members.EnumerateObject())
        {
            names.Add(member.Name);
            if (member.NameEquals("credentials") && member.Value.ValueKind == JsonValueKind.Object)
                names.AddRange(member.Value.EnumerateObject().Select(inner => $"credentials.{inner.Name}").Take(Limit));
            if (names.Count >= Limit)
                break;
        }
        return names;
    }
}
