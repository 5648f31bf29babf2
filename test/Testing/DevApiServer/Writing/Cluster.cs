using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Storage;

namespace NangoOrleans.Testing.ApiServer.Writing;

/// <summary>The state of the server: what is stored and what is served.</summary>
internal sealed record Cluster(ObjectStore Store, ResourceCatalog Catalog, TimeProvider Clock)
{
    public string Now => ObjectFields.Format(Clock.GetUtcNow());
}
