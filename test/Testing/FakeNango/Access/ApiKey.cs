using System.Text;
using System.Text.RegularExpressions;

namespace NangoOrleans.FakeNango;

/// <summary>A secret key of one environment, or of the account as a whole when <see cref="Environment"/> is empty.</summary>
public sealed partial record ApiKey(string Secret, string Environment, string Name, IReadOnlyList<string> Scopes)
{
    /// <summary>Scope of the key every environment is born with.</summary>
    public const string FullAccess = "environment:*";

    /// <summary>A key with exactly these scopes; without any it has full access.</summary>
    public static ApiKey For(string secret, string environment, params string[] scopes) => new(
        secret, environment, scopes.Length == 0 ? "Default - Full access" : string.Join(' ', scopes),
        scopes.Length == 0 ? [FullAccess] : scopes);

    /// <summary>Reads <c>uuid:environment:scope,scope</c>; scopes contain colons, an environment does not.</summary>
    public static ApiKey Parse(string text)
    {
        var parts = text.Split(':', 3);
        if (!IsUuidV4(parts[0]) || parts.Length < 2)
            throw new FormatException("a key is written uuid-v4:environment[:scope,scope]");
        return For(parts[0], parts[1], parts.Length < 3 ? [] : parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    internal static bool IsUuidV4(string text) => UuidV4().IsMatch(text);

    /// <summary>Whether a scope of the key equals or covers (<c>a:b:*</c>) the wanted one.</summary>
    internal bool Allows(string wanted) => Scopes.Any(scope =>
        scope == wanted || scope.EndsWith(":*", StringComparison.Ordinal) && wanted.StartsWith(scope[..^1], StringComparison.Ordinal));

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Name = ").Append(Name).Append(", Environment = ").Append(Environment);
        return true;
    }

    [GeneratedRegex(@"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z", RegexOptions.IgnoreCase)]
    private static partial Regex UuidV4();
}
