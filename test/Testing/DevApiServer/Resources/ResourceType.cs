using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Schemas;
using NangoOrleans.Testing.ApiServer.Tables;

namespace NangoOrleans.Testing.ApiServer.Resources;

/// <summary>One resource as served in one version: what discovery says of it and how its objects behave.</summary>
internal sealed record ResourceType(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    public string ListKind { get; init; } = Kind + "List";

    public string Singular { get; init; } = Kind.ToLowerInvariant();

    public ImmutableArray<string> ShortNames { get; init; } = [];

    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Whether <c>/status</c> exists and guards <c>status</c>.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether <c>metadata.generation</c> is kept.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether a PUT without resourceVersion overwrites whatever is there (most built-ins; never custom resources).</summary>
    public bool AllowsUnconditionalUpdate { get; init; }

    /// <summary>Whether a PUT to a missing name creates it (leases).</summary>
    public bool AllowsCreateOnUpdate { get; init; }

    public bool IsCustom { get; init; }

    /// <summary>The definition is being deleted: no new objects.</summary>
    public bool Terminating { get; init; }

    public Schema Schema { get; init; } = Schema.Anything;

    /// <summary>The schema as published, for OpenAPI.</summary>
    public JsonObject? PublishedSchema { get; init; }

    public ImmutableArray<TableColumn> Columns { get; init; } = [];

    /// <summary>Field selector label to path within the object.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> SelectableFields { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string Root => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    public string Key(string? @namespace, string name) => Namespaced ? $"{@namespace}/{name}" : name;
}
