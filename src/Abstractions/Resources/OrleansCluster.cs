using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>The membership table of a cluster of silos: all rows and their version in one object, so that they change together or not at all.</summary>
public sealed record OrleansCluster
{
    /// <summary>Name, identity, versions.</summary>
    [JsonPropertyName("metadata")] public ObjectMetadata Metadata { get; init; } = new();

    /// <summary>The table.</summary>
    [JsonPropertyName("spec")][Description("The table; only silos write it."), Schema(Required = true)] public OrleansClusterSpec Spec { get; init; } = new();
}

/// <summary>Rows and version of a membership table.</summary>
public sealed record OrleansClusterSpec
{
    /// <summary>Orleans ClusterId.</summary>
    [JsonPropertyName("cluster_id")][Description("Orleans ClusterId: the namespace and the name of the installation."), Schema(Required = true)] public string ClusterId { get; init; } = "";

    /// <summary>Version of the table.</summary>
    [JsonPropertyName("version")][Description("Version of the table; moves by one with every change of a row."), Schema(Required = true)] public int Version { get; init; }

    /// <summary>One row for each silo.</summary>
    [JsonPropertyName("silos")][Description("One row for each silo, dead ones included until they are cleaned up.")] public IReadOnlyList<OrleansSilo> Silos { get; init; } = [];
}

/// <summary>One silo in its membership table.</summary>
public sealed record OrleansSilo
{
    /// <summary>Address, port and generation.</summary>
    [JsonPropertyName("address")][Description("IP address, port and generation (a restarted silo has another), as IP:PORT@GENERATION."), Schema(Required = true)] public string Address { get; init; } = "";

    /// <summary>Orleans' SiloStatus.</summary>
    [JsonPropertyName("status")][Description("Created, Joining, Active, ShuttingDown, Stopping or Dead."), Schema(Required = true)] public string Status { get; init; } = "";

    /// <summary>Name of the silo.</summary>
    [JsonPropertyName("name")][Description("Name of the silo: its pod's.")] public string? Name { get; init; }

    /// <summary>Host it runs on.</summary>
    [JsonPropertyName("host_name")][Description("Name of the host it runs on.")] public string? HostName { get; init; }

    /// <summary>Port for Orleans clients.</summary>
    [JsonPropertyName("gateway_port")][Description("Port for Orleans clients; 0 for none.")] public int GatewayPort { get; init; }

    /// <summary>Orleans' RoleName.</summary>
    [JsonPropertyName("role_name")][Description("Role name, as Orleans reports it.")] public string? RoleName { get; init; }

    /// <summary>Orleans' UpdateZone.</summary>
    [JsonPropertyName("update_zone")][Description("Update zone, as Orleans reports it.")] public int UpdateZone { get; init; }

    /// <summary>Orleans' FaultZone.</summary>
    [JsonPropertyName("fault_zone")][Description("Fault zone, as Orleans reports it.")] public int FaultZone { get; init; }

    /// <summary>When it started.</summary>
    [JsonPropertyName("start_time")][Description("When the silo started.")] public DateTimeOffset StartTime { get; init; }

    /// <summary>Sign of life at the time the row was written; later ones stand in its Lease.</summary>
    [JsonPropertyName("alive_time")][Description("Last sign of life when the row was written; later ones stand in the silo's Lease.")] public DateTimeOffset AliveTime { get; init; }

    /// <summary>Who takes it for dead.</summary>
    [JsonPropertyName("suspicions")][Description("Silos that take it for dead; enough recent ones make it Dead.")] public IReadOnlyList<OrleansSuspicion> Suspicions { get; init; } = [];

    /// <summary>Version of the table that last changed this row; its etag.</summary>
    [JsonPropertyName("changed_in")][Description("Version of the table in which this row last changed."), Schema(Required = true)] public int ChangedIn { get; init; }

    /// <summary>Fields of a later version of the operator, which a rewritten row must keep.</summary>
    [JsonExtensionData] public IDictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>One silo's doubt about another.</summary>
public sealed record OrleansSuspicion
{
    /// <summary>Address of the silo that doubts.</summary>
    [JsonPropertyName("by")][Description("Address of the silo that takes it for dead."), Schema(Required = true)] public string By { get; init; } = "";

    /// <summary>Since when.</summary>
    [JsonPropertyName("at")][Description("When it did so."), Schema(Required = true)] public DateTimeOffset At { get; init; }
}
