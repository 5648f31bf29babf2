using System.Text;

namespace NangoOrleans.Scenarios.Secrecy;

/// <summary>Values that must never be seen: one for each sensitive field and way to write it, so that a find tells where it came from.</summary>
internal sealed class Canaries
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>A value by the name of its place.</summary>
    public string this[string place] => _values.TryGetValue(place, out var value) ? value : _values[place] = $"canary-{_values.Count:00}-7f3a91c4";

    /// <summary>A value that Nango could have issued as a key.</summary>
    public string Token(string place) => _values.TryGetValue(place, out var value) ? value : _values[place] = $"7f3a91c4-{_values.Count:0000}-4c0a-8a7e-c4a4a7c4a4a7";

    /// <summary>A value in the form of a private key.</summary>
    public string PrivateKey(string place) => $"-----BEGIN RSA PRIVATE KEY-----\\n{this[place]}\\n-----END RSA PRIVATE KEY-----";

    /// <summary>The places whose value stands in a text, plain or in base64.</summary>
    public IReadOnlyList<string> In(string text) => [.. _values.Where(one => Forms(one.Value).Any(form => text.Contains(form, StringComparison.OrdinalIgnoreCase))).Select(one => one.Key)];

    // What stands in the middle of a longer base64 text depends on where it begins: all three ways, without the ends.
    private static IEnumerable<string> Forms(string value) =>
        [value, .. Enumerable.Range(0, 3).Select(shift => Convert.ToBase64String(Encoding.UTF8.GetBytes(new string(' ', shift) + value))[4..^4])];
}
