using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace NangoOrleans.Testing;

/// <summary>Between asking for a free port and using it, another program may have taken it: reason to ask again.</summary>
public static class TakenPort
{
    /// <summary>How often something that needs ports is started at most.</summary>
    public const int StartAttempts = 3;

    /// <summary>True when a start failed for that reason.</summary>
    /// <param name="failure">How it failed.</param>
    public static bool IsCauseOf(Exception? failure) => failure switch
    {
        null => false,
        AddressInUseException => true,
        SocketException socket => socket.SocketErrorCode == SocketError.AddressAlreadyInUse,
        AggregateException several => several.InnerExceptions.Any(IsCauseOf),
        _ => IsCauseOf(failure.InnerException),
    };
}
