using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Writing;

namespace NangoOrleans.Testing.ApiServer.Hosting;

/// <summary>What exists when the server starts.</summary>
internal static class InitialObjects
{
    private static readonly string[] Namespaces = ["default", "kube-system"];

    public static void Create(Cluster cluster)
    {
        lock (cluster.Store.Gate)
        {
            foreach (var name in Namespaces)
            {
                var item = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Namespace",
                    ["metadata"] = new JsonObject
                    {
                        ["name"] = name,
                        ["uid"] = Guid.NewGuid().ToString(),
                        ["creationTimestamp"] = cluster.Now,
                        ["generation"] = 1,
                    },
                };
                Preparation.ApplyDefaults(BuiltInResources.Namespaces, item);
                cluster.Store.Put(BuiltInResources.Namespaces, name, item);
            }
        }
    }
}
