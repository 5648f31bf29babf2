using System.Net;
using System.Net.Sockets;

namespace NangoOrleans.Nango;

/// <summary>
/// Addresses that are not on the public Internet (IANA special-purpose registries): loopback, private, link-local with the clouds'
/// metadata services, shared, multicast and reserved ones, and every form of IPv6 that carries an IPv4 address.
/// </summary>
internal static class PrivateAddresses
{
    private static readonly IPNetwork[] V4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // "this network"; 0.0.0.0 reaches loopback on Linux
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"), // carrier-grade NAT, also used inside clusters
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), // 169.254.169.254 and .170.2 give out cloud credentials
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"), // 192.0.0.192 is a metadata service
        IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),
    ];

    private static readonly IPNetwork PublicV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] ReservedV6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments, Teredo among them
        IPNetwork.Parse("2001:db8::/32"),
        IPNetwork.Parse("3fff::/20"),
    ];

    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Contains(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork) return V4.Any(network => network.Contains(address));
        if (address.IsIPv4MappedToIPv6) return Contains(address.MapToIPv4());
        var bytes = address.GetAddressBytes();
        if (Nat64.Contains(address)) return Contains(new IPAddress(bytes.AsSpan(12, 4)));
        if (SixToFour.Contains(address)) return Contains(new IPAddress(bytes.AsSpan(2, 4)));
        return !PublicV6.Contains(address) || ReservedV6.Any(network => network.Contains(address));
    }
}
