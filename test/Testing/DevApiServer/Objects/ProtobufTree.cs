using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Objects;

/// <summary>
/// Reads the few protobuf messages that <c>kubectl create namespace|secret|configmap|serviceaccount</c> sends; it has no JSON form for them.
/// Field numbers are those of k8s.io/api and k8s.io/apimachinery.
/// </summary>
internal static class ProtobufTree
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static readonly byte[] Magic = "k8s\0"u8.ToArray();

    private static readonly Message Metadata = new(
        [(1, "name", Text), (2, "generateName", Text), (3, "namespace", Text), (11, "labels", Text), (12, "annotations", Text), (14, "finalizers", Text)],
        Maps: [11, 12], Lists: [14]);

    private static readonly Dictionary<string, Message> Messages = new(StringComparer.Ordinal)
    {
        ["Namespace"] = new([(1, "metadata", Metadata.Read)]),
        ["Secret"] = new([(1, "metadata", Metadata.Read), (2, "data", Base64), (3, "type", Text), (4, "stringData", Text)], Maps: [2, 4]),
        ["ConfigMap"] = new([(1, "metadata", Metadata.Read), (2, "data", Text), (3, "binaryData", Base64)], Maps: [2, 3]),
        ["ServiceAccount"] = new([(1, "metadata", Metadata.Read)]),
    };

    /// <exception cref="JsonException">Not such a message, or of a kind that is not read here.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        if (!body.Span.StartsWith(Magic))
        {
            throw new JsonException("the body is not a Kubernetes protobuf message");
        }

        try
        {
            return ParseEnvelope(body[Magic.Length..]);
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw new JsonException("the protobuf message is cut short", problem);
        }
    }

    private static JsonObject ParseEnvelope(ReadOnlyMemory<byte> envelope)
    {
        var (version, kind) = ("", "");
        ReadOnlyMemory<byte> raw = default;
        while (NextField(ref envelope, out var number, out var value))
        {
            if (number == 2)
            {
                raw = value;
            }

            while (number == 1 && NextField(ref value, out var inner, out var text))
            {
                (version, kind) = (inner == 1 ? Encoding.UTF8.GetString(text.Span) : version, inner == 2 ? Encoding.UTF8.GetString(text.Span) : kind);
            }
        }

        if (!Messages.TryGetValue(kind, out var message))
        {
            throw new JsonException($"the development API server reads no protobuf of kind {kind}: send JSON");
        }

        var result = message.Read(raw);
        result["apiVersion"] = version;
        result["kind"] = kind;
        return result;
    }

    private delegate JsonNode Reader(ReadOnlyMemory<byte> value);

    private static JsonValue Text(ReadOnlyMemory<byte> value) => JsonValue.Create(Encoding.UTF8.GetString(value.Span));

    private static JsonValue Base64(ReadOnlyMemory<byte> value) => JsonValue.Create(Convert.ToBase64String(value.Span));

    /// <summary>The fields of a message that are read; all others are skipped.</summary>
    private sealed record Message((int Number, string Name, Reader Read)[] Fields, int[]? Maps = null, int[]? Lists = null)
    {
        public JsonObject Read(ReadOnlyMemory<byte> body)
        {
            var result = new JsonObject();
            while (NextField(ref body, out var number, out var value))
            {
                var field = Array.Find(Fields, known => known.Number == number);
                if (field.Read is null)
                {
                    continue;
                }

                if (Maps?.Contains(number) == true)
                {
                    AddEntry(result, field.Name, field.Read, value);
                }
                else if (Lists?.Contains(number) == true)
                {
                    (result[field.Name] ??= new JsonArray()).AsArray().Add(field.Read(value));
                }
                else if (value.Length > 0)
                {
                    result[field.Name] = field.Read(value);
                }
            }

            return result;
        }

        private static void AddEntry(JsonObject owner, string name, Reader read, ReadOnlyMemory<byte> entry)
        {
            var key = "";
            var content = read(default);
            while (NextField(ref entry, out var number, out var value))
            {
                key = number == 1 ? Encoding.UTF8.GetString(value.Span) : key;
                content = number == 2 ? read(value) : content;
            }

            (owner[name] ??= new JsonObject()).AsObject()[key] = content;
        }
    }

    /// <summary>Steps over the next field; only length-delimited ones have a value here.</summary>
    private static bool NextField(ref ReadOnlyMemory<byte> body, out int number, out ReadOnlyMemory<byte> value)
    {
        (number, value) = (0, default(ReadOnlyMemory<byte>));
        if (body.IsEmpty)
        {
            return false;
        }

        var tag = NextVarint(ref body);
        number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                NextVarint(ref body);
                break;
            case 1:
                body = body[sizeof(ulong)..];
                break;
            case 2:
                var length = (int)NextVarint(ref body);
                value = body[..length];
                body = body[length..];
                break;
            case 5:
                body = body[sizeof(uint)..];
                break;
            default:
                throw new JsonException("unknown protobuf wire type");
        }

        return true;
    }

    private static ulong NextVarint(ref ReadOnlyMemory<byte> body)
    {
        ulong result = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = body[..1].Span[0];
            body = body[1..];
            result |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return result;
            }
        }
    }
}
