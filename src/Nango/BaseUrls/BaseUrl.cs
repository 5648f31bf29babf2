using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace NangoOrleans.Nango;

/// <summary>
/// A base URL in normal form. Read with a grammar far narrower than RFC 3986: whatever two URL parsers might read differently
/// (userinfo, backslashes, escapes, other scripts, empty or dotted path segments) is refused instead of repaired.
/// </summary>
internal sealed partial record BaseUrl
{
    private const int MaxLength = 2048;
    private const int MaxHostLength = 253;

    private BaseUrl(string origin, string path) => (Origin, Path) = (origin, path);

    /// <summary>Scheme, host and port unless it is the scheme's default.</summary>
    public string Origin { get; }

    /// <summary>Empty, or a path that begins with a slash and does not end with one.</summary>
    public string Path { get; }

    public bool IsHttps => Origin.StartsWith("https:", StringComparison.Ordinal);

    public override string ToString() => Origin + Path;

    /// <summary>Reads a base URL.</summary>
    /// <param name="text">As somebody wrote it.</param>
    /// <param name="url">The normal form.</param>
    /// <param name="problem">What is wrong: the end of a sentence that begins with the field's name. Never quotes the text.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out BaseUrl? url, [NotNullWhen(false)] out string? problem)
    {
        url = null;
        problem = ProblemOfText(text);
        if (problem is not null) return false;
        if (Grammar().Match(text) is not { Success: true } match)
        {
            problem = "must be of the form https://host[:port][/path], without user name, query and fragment";
            return false;
        }

        var scheme = match.Groups["scheme"].Value.ToLowerInvariant();
        var host = NormalHost(match.Groups["host"].Value.ToLowerInvariant());
        var path = match.Groups["path"].Value;
        var portIsValid = TryPort(match.Groups["port"], scheme, out var port);
        problem = (host, portIsValid) switch
        {
            (null, _) => "has a host that is neither a DNS name nor an IP address in its usual form",
            (_, false) => "has a port outside 1 to 65535",
            _ when path.Split('/').Any(segment => segment is "." or "..") => "has a path with a . or .. segment",
            _ => null,
        };
        if (problem is not null) return false;
        url = new BaseUrl($"{scheme}://{host}{port}", path);
        return true;
    }

    private static string? ProblemOfText(string text)
    {
        if (text.Length == 0) return "is empty";
        if (text.Length > MaxLength) return "is too long";
        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))) return "contains a blank or a control character";
        if (text.Contains('\\')) return "contains a backslash";
        if (!text.All(char.IsAscii)) return "contains a character outside ASCII (an international host name is written in its xn-- form)";
        if (text.Contains('@')) return "contains a user name or an @";
        if (text.Contains('%')) return "contains a percent sign";
        if (text.AsSpan().ContainsAny('?', '#')) return "contains a query or a fragment";
        var isHttp = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        return isHttp ? null : "must begin with https://";
    }

    private static string? NormalHost(string host)
    {
        if (host.StartsWith('['))
        {
            return IPAddress.TryParse(host.AsSpan(1, host.Length - 2), out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6
                ? $"[{v6}]"
                : null;
        }

        // One trailing dot only makes the name absolute; certificates and lists are written without it.
        if (host.EndsWith('.')) host = host[..^1];
        if (host.Length is 0 or > MaxHostLength || !DnsName().IsMatch(host)) return null;
        // A last label that begins with a digit is an address to every URL parser, also in its octal, hexadecimal and short forms.
        return !char.IsAsciiDigit(host[(host.LastIndexOf('.') + 1)..][0]) || IsDottedQuad(host) ? host : null;
    }

    private static bool IsDottedQuad(string host) =>
        IPAddress.TryParse(host, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork && v4.ToString() == host;

    private static bool TryPort(Group group, string scheme, out string port)
    {
        port = "";
        if (!group.Success) return true;
        var number = int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        if (number is < 1 or > 65535) return false;
        if (number != (scheme == "https" ? 443 : 80)) port = string.Create(CultureInfo.InvariantCulture, $":{number}");
        return true;
    }

    [GeneratedRegex(@"\A(?<scheme>https?)://(?<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>[0-9]{1,5}))?(?<path>(?:/[a-z0-9._~-]+)*)/?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();

    // Underscores are no part of host names, yet Kubernetes and Docker DNS serve them.
    [GeneratedRegex(@"\A[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DnsName();
}
