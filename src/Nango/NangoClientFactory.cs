using Microsoft.Extensions.Options;

namespace NangoOrleans.Nango;

/// <inheritdoc cref="INangoClientFactory"/>
internal sealed class NangoClientFactory(NangoTransport transport, IOptions<NangoClientOptions> options) : INangoClientFactory
{
    public INangoClient Create(NangoEndpoint endpoint) =>
        new NangoClient(transport, endpoint, options.Value.MaxResponseBytes, options.Value.MaxListResponseBytes);
}
