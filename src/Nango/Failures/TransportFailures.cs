using System.Net.Sockets;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>Exceptions of the HTTP stack → failures.</summary>
internal static class TransportFailures
{
    /// <summary>True for what the HTTP stack throws when the network, the other side or a time limit ends a call; not for defects.</summary>
    public static bool Covers(Exception exception) => exception is HttpRequestException or IOException or OperationCanceledException;

    /// <summary>Judges an exception.</summary>
    /// <param name="call">The call it ended.</param>
    /// <param name="exception">What was thrown.</param>
    /// <param name="timedOut">The time limit of the whole call is over.</param>
    public static Failure Classify(NangoCall call, Exception exception, bool timedOut)
    {
        // The guard's refusal comes back wrapped by the connection pool.
        if (exception.InnerException is FailureException { Failure: var refusal }) return refusal;
        if (timedOut) return NangoFailures.Timeout(call);
        return exception switch
        {
            // Only the connect timeout cancels on its own.
            OperationCanceledException => NangoFailures.NotConnected("no connection in time"),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => NangoFailures.NotConnected("its name cannot be resolved"),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => NangoFailures.NotConnected(SocketCode(exception)),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                NangoFailures.NotConnected("no secure connection: its certificate is not trusted, or it does not speak TLS"),
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => NangoFailures.NotConnected("the proxy refuses"),
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded }
                or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
                NangoFailures.Malformed(call),
            _ => NangoFailures.ConnectionBroke(call),
        };
    }

    private static string SocketCode(Exception exception) =>
        exception.InnerException is SocketException { SocketErrorCode: var code } ? code.ToString() : "no connection";
}
