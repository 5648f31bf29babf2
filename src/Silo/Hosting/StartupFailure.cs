using System.Net.Sockets;
using NangoOrleans.Kubernetes;

namespace NangoOrleans.Hosting;

/// <summary>Turns the exception that ended a start into one sentence.</summary>
internal static class StartupFailure
{
    /// <summary>Describes an exception; its stack trace is in the log.</summary>
    /// <param name="exception">What ended the start.</param>
    public static string Describe(Exception exception)
    {
        var cause = Chain(exception).FirstOrDefault(e => e is SocketException or StartupException or KubernetesConnectionException) ?? exception.GetBaseException();

        return cause switch
        {
            StartupException or KubernetesConnectionException => cause.Message,
            SocketException socket => $"The silo cannot listen on its ports ({socket.SocketErrorCode}); set other ports, or 0 for free ones.",
            _ => $"The silo cannot start: {FirstLine(cause.Message)} ({cause.GetType().Name}).",
        };
    }

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException) yield return exception;
    }

    private static string FirstLine(string text) => text.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.', ' ');
}
