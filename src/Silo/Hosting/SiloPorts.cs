using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NangoOrleans.Configuration;

namespace NangoOrleans.Hosting;

/// <summary>The two ports Orleans listens on, and the check that configured ports are free.</summary>
/// <param name="Silo">Port for other silos.</param>
/// <param name="Gateway">Port for Orleans clients.</param>
internal sealed record SiloPorts(int Silo, int Gateway)
{
    // Below the range from which Linux takes ports for outgoing connections (32768 upwards), so that nobody takes
    // a port by chance between our choice and the silo's bind.
    private const int LowestFree = 20000, HighestFree = 32767, Tries = 200;

    /// <summary>Settles the ports: the configured ones, or free ones in place of 0. Orleans cannot listen on port 0 itself.</summary>
    /// <param name="settings">All settings.</param>
    public static SiloPorts Choose(OperatorSettings settings)
    {
        var (options, address) = (settings.Options.Orleans, AddressOf(settings));
        var silo = options.SiloPort > 0 ? options.SiloPort : PickFree(address, options.GatewayPort);
        return new(silo, options.GatewayPort > 0 ? options.GatewayPort : PickFree(address, silo));
    }

    /// <summary>The address on which the silo listens for other silos and clients: its pod's, or loopback.</summary>
    /// <param name="settings">All settings.</param>
    public static IPAddress AddressOf(OperatorSettings settings) => settings.Pod?.Address ?? IPAddress.Loopback;

    /// <summary>Says which configured ports are taken by another process.</summary>
    /// <param name="settings">All settings.</param>
    /// <returns>One sentence for each.</returns>
    public static IEnumerable<string> FindTaken(OperatorSettings settings)
    {
        var (options, siloAddress) = (settings.Options, AddressOf(settings));
        (string Path, IPAddress Address, int Port)[] ports =
        [
            ("Http:Port", options.ListenAddress!, options.Http.Port),
            ("Dashboard:Port", IPAddress.Loopback, options.Dashboard.Port),
            ("Orleans:SiloPort", siloAddress, options.Orleans.SiloPort),
            ("Orleans:GatewayPort", siloAddress, options.Orleans.GatewayPort),
        ];
        foreach (var (path, address, port) in ports)
        {
            if (port == 0 || TryBind(address, port) is not { } error) continue;

            var name = Setting.Describe($"{Setting.Section}:{path}");
            yield return error == SocketError.AddressAlreadyInUse
                ? string.Create(CultureInfo.InvariantCulture, $"{name}: port {port} on {address} is taken by another process; set another port, or 0 for a free one.")
                : string.Create(CultureInfo.InvariantCulture, $"{name}: cannot listen on {address} port {port} ({error}).");
        }
    }

    private static int PickFree(IPAddress address, int besides)
    {
        for (var i = 0; i < Tries; i++)
        {
            var port = Random.Shared.Next(LowestFree, HighestFree + 1);
            if (port != besides && TryBind(address, port) is null) return port;
        }

        throw new StartupException($"No free port was found between {LowestFree} and {HighestFree}.");
    }

    private static SocketError? TryBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}

/// <summary>The silo cannot start, for a reason that one sentence explains.</summary>
internal sealed class StartupException(string message) : Exception(message);
