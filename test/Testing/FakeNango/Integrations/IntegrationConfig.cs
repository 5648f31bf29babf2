using System.Collections.Immutable;

namespace NangoOrleans.FakeNango;

/// <summary>Business rules of <c>integration_config</c> and <c>custom</c> (nango-api §3).</summary>
internal static class IntegrationConfig
{
    /// <summary>Merges both maps into the stored one. Returns the message of the 400, or null.</summary>
    public static string? Merge(
        Provider provider, IntegrationBody body, bool ofPatch, ref ImmutableSortedDictionary<string, string> custom)
    {
        if (provider.ConfigFields.Count > 0 && body.Custom is { Length: > 0 })
            return "This provider uses integration_config; set its values there instead of custom";
        if (body.Custom is { } entries)
            custom = custom.SetItems(entries);
        if (body.IntegrationConfig is not { } config)
            return null;
        if (provider.ConfigFields.Count == 0)
            return config.IsEmpty ? null : "This provider does not accept integration configuration";
        var given = config.ToDictionary(StringComparer.Ordinal);
        var faults = Check(provider, given, ofPatch);
        if (faults.Count > 0)
            return string.Join(", ", faults);
        custom = custom.SetItems(given.Where(entry => entry.Value.Length > 0));
        custom = custom.RemoveRange(given.Where(entry => entry.Value.Length == 0).Select(entry => entry.Key));
        return null;
    }

    private static List<string> Check(Provider provider, Dictionary<string, string> given, bool ofPatch)
    {
        var faults = given.Keys
            .Where(name => provider.ConfigFields.All(field => field.Name != name))
            .Select(name => $"Unknown field {name}").ToList();
        foreach (var field in provider.ConfigFields)
        {
            var value = given.GetValueOrDefault(field.Name);
            if (value is null && ofPatch)
                continue;
            if (string.IsNullOrEmpty(value) && !ofPatch && field.DefaultValue is { } standard)
                given[field.Name] = value = standard;
            if (string.IsNullOrEmpty(value))
            {
                if (!field.Optional)
                    faults.Add($"{field.Title} is required");
            }
            else if (field.OneOf.Count > 0 && !field.OneOf.Contains(value))
            {
                faults.Add($"{field.Title} must be one of: {string.Join(", ", field.OneOf)}");
            }
            else if (field.IsUrl && !(Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            {
                faults.Add($"{field.Title} has an invalid format");
            }
        }
        return faults;
    }
}
