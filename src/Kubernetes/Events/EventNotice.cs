using System.Security.Cryptography;
using System.Text;

namespace NangoOrleans.Kubernetes;

/// <summary>Something to be told about an object.</summary>
/// <param name="Kind">Kind of the object.</param>
/// <param name="About">The object.</param>
/// <param name="Type">Normal or Warning.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Time">When it was so.</param>
internal sealed record EventNotice(string Kind, ObjectIdentity About, string Type, string Reason, string Message, DateTimeOffset Time)
{
    /// <summary>The API server refuses longer messages.</summary>
    public const int MessageLimit = 1024;

    private const int NameLimit = 253;

    /// <summary>True when the notice is told about the namespace of <see cref="About"/>, because that takes no events of its own any more.</summary>
    public bool OnNamespace { get; init; }

    /// <summary>Namespace in which the event is kept; events of cluster-wide objects, such as a Namespace, are kept in <c>default</c>.</summary>
    public string KeptIn => OnNamespace || About.Namespace.Length == 0 ? "default" : About.Namespace;

    /// <summary>The same told about the namespace.</summary>
    public EventNotice ForNamespace()
    {
        var message = $"{Kind} {About.Name}: {Message}";
        return this with { OnNamespace = true, Message = message.Length <= MessageLimit ? message : message[..MessageLimit] };
    }

    /// <summary>Equal notices have equal names, whichever silo sends them: this is what makes a repetition raise a count.</summary>
    public string Name
    {
        get
        {
            var hash = Hash();
            var room = NameLimit - hash.Length - 1;
            var full = OnNamespace ? About.Namespace : About.Name;
            var name = full.Length <= room ? full : full[..room].TrimEnd('-', '.');
            return $"{name}.{hash}";
        }
    }

    private string Hash() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', About.Uid, Type, Reason, Message))).AsSpan(0, 8));
}
