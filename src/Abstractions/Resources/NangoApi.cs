namespace NangoOrleans.Resources;

/// <summary>The names of our Kubernetes API: group, version, and the marks we put on objects (docs/reference.md).</summary>
public static class NangoApi
{
    /// <summary>API group of every resource about Nango.</summary>
    public const string Group = "nango.nango.dev";

    /// <summary>The only served version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Group and version as they stand in <c>apiVersion</c>.</summary>
    public const string ApiVersion = Group + "/" + Version;

    /// <summary>Kind of the integration resource.</summary>
    public const string IntegrationKind = "NangoIntegration";

    /// <summary>Plural of the integration resource, as in its URL.</summary>
    public const string IntegrationPlural = "nangointegrations";

    /// <summary>Kind of the environment object of one namespace.</summary>
    public const string EnvironmentKind = "NangoEnvironment";

    /// <summary>Plural of the environment object of one namespace.</summary>
    public const string EnvironmentPlural = "nangoenvironments";

    /// <summary>Kind of the environment object for several namespaces.</summary>
    public const string ClusterEnvironmentKind = "ClusterNangoEnvironment";

    /// <summary>Plural of the environment object for several namespaces.</summary>
    public const string ClusterEnvironmentPlural = "clusternangoenvironments";

    /// <summary>Present on every resource that may have something in Nango; off once nothing is left to clean up.</summary>
    public const string Finalizer = "nango.nango.dev/integration";

    /// <summary>Field manager of every write, and the component of every event.</summary>
    public const string FieldManager = "nango-integration-operator";

    /// <summary>Set to a new value (a time, by convention) to ask for a reconcile now; echoed in <c>status.last_handled_reconcile_at</c>.</summary>
    public const string ReconcileRequestedAtAnnotation = "nango.nango.dev/reconcile-requested-at";

    /// <summary>Nango's Date header when the key was last seen absent (adoption policy <c>Refuse</c>).</summary>
    public const string AbsentAtAnnotation = "nango.nango.dev/absent-at";

    /// <summary>Key of the Nango environment that <see cref="AbsentAtAnnotation"/> speaks of.</summary>
    public const string AbsentInAnnotation = "nango.nango.dev/absent-in";
}
