using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace NangoOrleans.Configuration;

/// <summary>What must hold for values that have the right type.</summary>
internal static partial class SettingsRules
{
    // Below a minute a resync would be the main consumer of Nango's request budget (200 a minute by default).
    private static readonly TimeSpan ShortestResync = TimeSpan.FromMinutes(1);

    // Timers of .NET end at about 49 days; nobody needs longer.
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(30);

    /// <summary>Checks the options.</summary>
    /// <param name="options">Options as read.</param>
    /// <returns>One sentence for each mistake.</returns>
    public static IEnumerable<string> Check(OperatorOptions options) =>
    [
        .. Port("Http:Port", options.Http.Port),
        .. Port("Dashboard:Port", options.Dashboard.Port),
        .. Port("Orleans:SiloPort", options.Orleans.SiloPort),
        .. Port("Orleans:GatewayPort", options.Orleans.GatewayPort),
        .. DistinctPorts(options),
        .. Address("BindAddress", options.BindAddress, options.ListenAddress),
        .. Address("Dashboard:BindAddress", options.Dashboard.BindAddress, options.Dashboard.ListenAddress),
        .. options.DefaultCredential.Namespaces.SelectMany(n => Namespace("DefaultCredential:Namespaces", n, wildcard: true)),
        .. options.Watch.Namespaces.SelectMany(n => Namespace("Watch:Namespaces", n, wildcard: false)),
        .. Installation(options.Orleans.Installation),
        .. Duration("Resync:Interval", options.Resync.Interval, ShortestResync),
        .. Duration("Deletion:GiveUpAfter", options.Deletion.GiveUpAfter, TimeSpan.FromSeconds(1)),
        .. Percent("RateLimit:ReservePercent", options.RateLimit.ReservePercent, 90),
    ];

    private static IEnumerable<string> Port(string path, int port)
    {
        if (port is < 0 or > 65535)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Name(path)} must be between 0 and 65535, was {port}.");
    }

    private static IEnumerable<string> Percent(string path, int value, int most)
    {
        if (value < 0 || value > most)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Name(path)} must be between 0 and {most}, was {value}.");
    }

    private static IEnumerable<string> DistinctPorts(OperatorOptions options)
    {
        (string Path, int Port)[] ports =
        [
            ("Http:Port", options.Http.Port),
            ("Dashboard:Port", options.Dashboard.Port),
            ("Orleans:SiloPort", options.Orleans.SiloPort),
            ("Orleans:GatewayPort", options.Orleans.GatewayPort),
        ];
        return ports.Where(p => p.Port > 0).GroupBy(p => p.Port).Where(same => same.Count() > 1).Select(same =>
            string.Create(CultureInfo.InvariantCulture, $"{string.Join(" and ", same.Select(p => Name(p.Path)))} must differ, both were {same.Key}."));
    }

    private static IEnumerable<string> Address(string path, string text, IPAddress? address)
    {
        if (address is null)
            yield return $"{Name(path)} must be an IP address, localhost or *, was {SettingsReader.Quote(text)}.";
    }

    private static IEnumerable<string> Namespace(string path, string name, bool wildcard)
    {
        if (wildcard && name == "*") yield break;

        if (name.Length > 63 || !DnsLabel().IsMatch(name))
            yield return $"{Name(path)} must hold names of namespaces{(wildcard ? " or *" : "")}, was {name}.";
    }

    private static IEnumerable<string> Installation(string name)
    {
        if (name.Length > 63 || !DnsLabel().IsMatch(name))
            yield return $"{Name("Orleans:Installation")} must be lower-case letters, digits and hyphens, was {SettingsReader.Quote(name)}.";
    }

    private static IEnumerable<string> Duration(string path, TimeSpan value, TimeSpan shortest)
    {
        if (value < shortest || value > LongestDuration)
            yield return $"{Name(path)} must be between {shortest} and {LongestDuration.TotalDays} days, was {value}.";
    }

    private static string Name(string path) => Setting.Describe($"{Setting.Section}:{path}");

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", RegexOptions.ExplicitCapture)]
    private static partial Regex DnsLabel();
}
