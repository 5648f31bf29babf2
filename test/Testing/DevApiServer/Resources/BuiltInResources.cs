using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Tables;

namespace NangoOrleans.Testing.ApiServer.Resources;

/// <summary>The built-in resources that are stored here. They are plain storage: neither checked nor acted upon, save namespaces and definitions.</summary>
internal static class BuiltInResources
{
    private static readonly TableColumn Age = TableColumn.Of("Age", ".metadata.creationTimestamp", "date");

    public static ResourceType Namespaces { get; } = Core("Namespace", "namespaces", namespaced: false, "ns") with
    {
        HasStatus = true,
        HasGeneration = true,
        Columns = [TableColumn.Of("Status", ".status.phase"), Age],
        SelectableFields = Fields("status.phase"),
    };

    public static ResourceType Definitions { get; } = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false)
    {
        ShortNames = ["crd", "crds"],
        Categories = ["api-extensions"],
        HasStatus = true,
        HasGeneration = true,
        Columns = [TableColumn.Of("Created At", ".metadata.creationTimestamp")],
    };

    public static ImmutableArray<ResourceType> All { get; } =
    [
        Namespaces,
        Definitions,
        Core("Secret", "secrets") with
        {
            Columns = [TableColumn.Of("Type", ".type"), TableColumn.Computed("Data", Count), Age],
            SelectableFields = Fields("type"),
        },
        Core("ConfigMap", "configmaps", shortNames: "cm") with { Columns = [TableColumn.Computed("Data", Count), Age] },
        Events(),
        Core("ServiceAccount", "serviceaccounts", shortNames: "sa") with { Columns = [Age] },
        Core("Service", "services", shortNames: "svc") with { HasStatus = true, Columns = [TableColumn.Of("Type", ".spec.type"), TableColumn.Of("Cluster-IP", ".spec.clusterIP"), Age] },
        Core("Pod", "pods", shortNames: "po") with
        {
            HasStatus = true,
            HasGeneration = true,
            Categories = ["all"],
            Columns = [TableColumn.Of("Status", ".status.phase"), TableColumn.Of("IP", ".status.podIP", priority: 1), TableColumn.Of("Node", ".spec.nodeName", priority: 1), Age],
            SelectableFields = Fields("spec.nodeName", "status.phase", "status.podIP"),
        },
        new("coordination.k8s.io", "v1", "Lease", "leases", Namespaced: true)
        {
            AllowsCreateOnUpdate = true,
            Columns = [TableColumn.Of("Holder", ".spec.holderIdentity"), Age],
        },
        new("apps", "v1", "Deployment", "deployments", Namespaced: true)
        {
            AllowsUnconditionalUpdate = true, HasStatus = true, HasGeneration = true, ShortNames = ["deploy"], Categories = ["all"],
        },
        Rbac("Role", "roles", namespaced: true),
        Rbac("RoleBinding", "rolebindings", namespaced: true),
        Rbac("ClusterRole", "clusterroles", namespaced: false),
        Rbac("ClusterRoleBinding", "clusterrolebindings", namespaced: false),
        new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Namespaced: true) { AllowsUnconditionalUpdate = true, HasStatus = true, HasGeneration = true, ShortNames = ["pdb"] },
        new("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", Namespaced: true) { AllowsUnconditionalUpdate = true, HasGeneration = true, ShortNames = ["netpol"] },
    ];

    private static ResourceType Core(string kind, string plural, bool namespaced = true, params string[] shortNames) =>
        new("", "v1", kind, plural, namespaced) { AllowsUnconditionalUpdate = true, ShortNames = [.. shortNames] };

    private static ResourceType Rbac(string kind, string plural, bool namespaced) =>
        new("rbac.authorization.k8s.io", "v1", kind, plural, namespaced) { AllowsUnconditionalUpdate = true };

    private static ResourceType Events() => Core("Event", "events", shortNames: "ev") with
    {
        Columns =
        [
            TableColumn.Of("Last Seen", ".lastTimestamp", "date"),
            TableColumn.Of("Type", ".type"),
            TableColumn.Of("Reason", ".reason"),
            TableColumn.Computed("Object", item => $"{item["involvedObject"].Text("kind")?.ToLowerInvariant()}/{item["involvedObject"].Text("name")}"),
            TableColumn.Of("Message", ".message"),
            TableColumn.Of("Source", ".source.component", priority: 1),
            TableColumn.Of("Count", ".count", "integer", priority: 1),
        ],
        SelectableFields = Fields(
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "type", "reportingComponent")
            .Add("source", ["source", "component"]),
    };

    private static ImmutableDictionary<string, ImmutableArray<string>> Fields(params string[] labels) =>
        labels.ToImmutableDictionary(label => label, label => label.Split('.').ToImmutableArray());

    private static string Count(JsonObject item) =>
        ((item.Object("data")?.Count ?? 0) + (item.Object("binaryData")?.Count ?? 0)).ToString(CultureInfo.InvariantCulture);
}
