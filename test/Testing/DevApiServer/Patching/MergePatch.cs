using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Patching;

/// <summary>RFC 7386.</summary>
internal static class MergePatch
{
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject inner:
                    if (target[name] is not JsonObject nested)
                    {
                        nested = [];
                        target[name] = nested;
                    }

                    Apply(nested, inner);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }
}
