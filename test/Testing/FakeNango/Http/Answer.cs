using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NangoOrleans.FakeNango;

/// <summary>A complete HTTP answer as data, so that it can be computed, journalled and then sent or withheld.</summary>
internal sealed class Answer(int status, string? contentType, ReadOnlyMemory<byte> body)
{
    private const string Json = "application/json; charset=utf-8";
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions RelaxedWriter = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public int Status { get; } = status;

    public string? ContentType { get; } = contentType;

    public ReadOnlyMemory<byte> Body { get; } = body;

    public List<KeyValuePair<string, string>> Headers { get; } = [];

    public static Answer OfJson(int status, JsonNode body) => new(status, Json, JsonSerializer.SerializeToUtf8Bytes(body, Relaxed));

    public static Answer OfJson(int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, RelaxedWriter))
            write(writer);
        return new(status, Json, buffer.WrittenMemory);
    }

    public static Answer OfHtml(int status, string html) => new(status, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(html));

    public static Answer OfText(int status, string contentType, string text) => new(status, contentType, Encoding.UTF8.GetBytes(text));

    public Answer With(string header, string value)
    {
        Headers.Add(new(header, value));
        return this;
    }
}
