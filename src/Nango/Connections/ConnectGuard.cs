using System.Net;
using System.Net.Sockets;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>
/// Opens connections, and refuses private addresses to origins that no administrator wrote down. The address judged is the address
/// connected to, so a name that resolves differently the second time gains nothing.
/// </summary>
internal sealed class ConnectGuard(
    IReadOnlySet<string> privateAddressOrigins,
    Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(context.DnsEndPoint.Host, cancellationToken);
        if (context.InitialRequestMessage.RequestUri is { } target && !IsProxy(context.DnsEndPoint, target) && !MayBePrivate(target))
            addresses = PublicOnly(addresses);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The addresses that may be connected to.</summary>
    /// <exception cref="FailureException">None is left.</exception>
    internal static IPAddress[] PublicOnly(IReadOnlyCollection<IPAddress> addresses)
    {
        IPAddress[] left = [.. addresses.Where(address => !PrivateAddresses.Contains(address))];
        return left.Length > 0 ? left : throw new FailureException(Refusal);
    }

    private static Failure Refusal { get; } = new(
        FailureKind.Terminal,
        Reasons.BaseUrlNotAllowed,
        "The host of spec.nango_base_url has only loopback, link-local or private addresses, which are reached only for base URLs that an "
        + $"administrator wrote down: correct the name's DNS record or ask for the base URL to be added to {BaseUrlPolicy.Setting}.");

    // The proxy comes from the operator's own environment; what lies behind it is the proxy's to judge.
    private static bool IsProxy(DnsEndPoint endPoint, Uri target) =>
        endPoint.Port != target.Port || !string.Equals(endPoint.Host, target.IdnHost, StringComparison.OrdinalIgnoreCase);

    private bool MayBePrivate(Uri target) => privateAddressOrigins.Contains(target.GetLeftPart(UriPartial.Authority));

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal)) return [literal];
        var addresses = await resolve(host, cancellationToken);
        return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
    }
}
