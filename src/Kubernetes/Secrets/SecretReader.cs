using System.Text;
using System.Text.Json;
using NangoOrleans.Failures;

namespace NangoOrleans.Kubernetes;

/// <summary>Reads Secrets by name, and nothing else: the operator needs no right to list their contents.</summary>
/// <param name="transport">Connection to the API server.</param>
public sealed class SecretReader(KubernetesTransport transport) : ISecretReader
{
    // Values that are no UTF-8 (a keystore, say) can be no credential of Nango; they are left out, not garbled.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public async Task<SecretData?> ReadAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        if (!ResourceType.IsObjectName(@namespace) || !ResourceType.IsObjectName(name)) return null;
        var request = new KubernetesRequest(HttpMethod.Get, ResourceType.Secrets.ObjectPath(@namespace, name), "secrets");
        try
        {
            return await transport.SendAsync(request, Parse, cancellationToken);
        }
        catch (KubernetesRequestException e) when (e.Error.IsObjectMissing)
        {
            return null;
        }
        catch (KubernetesRequestException e) when (e.Error.Kind == KubernetesErrorKind.Forbidden)
        {
            var message = $"The operator may not read Secret {name} in namespace {@namespace}: give its role the verb get on secrets there.";
            throw new FailureException(new(FailureKind.Terminal, Reasons.SecretForbidden, message) { StatusCode = 403 }, e);
        }
        catch (KubernetesRequestException e)
        {
            throw new FailureException(StoreFailures.From(e.Error, request), e);
        }
    }

    internal static SecretData Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!ObjectHeader.TryRead(json, out var identity)) throw new JsonException();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data"u8);
            reader.Read();
            if (isData && reader.TokenType == JsonTokenType.StartObject) ReadData(ref reader, values);
            else reader.Skip();
        }

        return new SecretData(identity.Uid, identity.ResourceVersion, values);
    }

    private static void ReadData(ref Utf8JsonReader reader, Dictionary<string, string> values)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes) && Decode(bytes) is { } text)
                values[key] = text;
            else reader.Skip();
        }
    }

    private static string? Decode(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes).TrimEnd('\r', '\n');
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        finally
        {
            Array.Clear(bytes);
        }
    }
}
