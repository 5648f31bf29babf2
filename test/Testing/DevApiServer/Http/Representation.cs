using NangoOrleans.Testing.ApiServer.Tables;

namespace NangoOrleans.Testing.ApiServer.Http;

internal enum Form
{
    Object,
    Table,
    PartialMetadata,
}

/// <summary>How the client wants objects shown (Accept header).</summary>
internal sealed record Representation(Form Form, RowObject RowObject, bool Indented)
{
    /// <exception cref="ApiException">406: nothing the client accepts can be produced (protobuf alone, for example).</exception>
    public static Representation Of(HttpRequest request)
    {
        var indented = request.Query["pretty"].ToString() is "true" or "1";
        var row = request.Query["includeObject"].ToString() switch
        {
            "Object" => RowObject.Object,
            "None" => RowObject.None,
            _ => RowObject.Metadata,
        };
        var accept = request.Headers.Accept.ToString();
        foreach (var choice in accept.Length == 0 ? ["*/*"] : accept.Split(','))
        {
            var parts = choice.Split(';').Select(part => part.Trim()).ToArray();
            if (parts[0] is not ("application/json" or "application/*" or "*/*"))
            {
                continue;
            }

            var kind = parts.FirstOrDefault(part => part.StartsWith("as=", StringComparison.Ordinal))?[3..];
            Form? form = kind switch
            {
                null => Form.Object,
                "Table" => Form.Table,
                "PartialObjectMetadata" or "PartialObjectMetadataList" => Form.PartialMetadata,
                _ => null,
            };
            if (form is { } known)
            {
                return new Representation(known, row, indented);
            }
        }

        throw new ApiException(406, "NotAcceptable", "only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
    }
}
