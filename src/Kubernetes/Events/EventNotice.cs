using System.Security.Cryptography;
using System.Text;

namespace NangoOrleans.Kubernetes;

/// <summary>Something to be told about an object.</summary>
internal sealed record EventNotice(ObjectIdentity About, string Type, string Reason, string Message, DateTimeOffset Time)
{
    /// <summary>The API server refuses longer messages.</summary>
    public const int MessageLimit = 1024;

    private const int NameLimit = 253;

    /// <summary>Equal notices have equal names, whichever silo sends them: this is what makes a repetition raise a count.</summary>
    public string Name
    {
        get
        {
            var hash = Hash();
            var room = NameLimit - hash.Length - 1;
            var name = About.Name.Length <= room ? About.Name : About.Name[..room].TrimEnd('-', '.');
            return $"{name}.{hash}";
        }
    }

    private string Hash() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', About.Uid, Type, Reason, Message))).AsSpan(0, 8));
}
