using NangoOrleans.Failures;

namespace NangoOrleans.Kubernetes;

/// <summary>Says what an error of the API server means for a resource that is being worked on.</summary>
internal static class StoreFailures
{
    /// <summary>Translates an error; a missing object is an answer, not a failure, and is dealt with before.</summary>
    public static Failure From(KubernetesError error, KubernetesRequest request) => error.Kind switch
    {
        KubernetesErrorKind.Conflict or KubernetesErrorKind.AlreadyExists or KubernetesErrorKind.Expired => Of(
            error, FailureKind.Conflict, Reasons.ObjectChanged, "The resource changed while it was being worked on; it is looked at again."),
        KubernetesErrorKind.Invalid when IsPrecondition(error) => Of(
            error, FailureKind.Conflict, Reasons.ObjectChanged, "The resource was re-created while it was being worked on; it is looked at again."),
        KubernetesErrorKind.Forbidden => Of(
            error, FailureKind.Terminal, Reasons.KubernetesForbidden, $"The Kubernetes API forbids {request}: {Forbidden(request)}"),
        KubernetesErrorKind.Invalid => Of(
            error, FailureKind.Terminal, Reasons.InternalError, $"The Kubernetes API refuses {request}{FieldsOf(error)}: check that the CRD fits this version of the operator."),
        KubernetesErrorKind.Refused => Of(
            error, FailureKind.Terminal, Reasons.InternalError, $"The Kubernetes API refuses {request} with {error.StatusCode}: check that the CRD fits this version of the operator."),
        KubernetesErrorKind.NotFound => Of(
            error, FailureKind.Transient, Reasons.KubernetesUnavailable, $"The Kubernetes API does not serve {request.Resource} at the moment; if it stays so, install the CRD."),
        KubernetesErrorKind.Unauthorized => Of(
            error, FailureKind.Transient, Reasons.KubernetesUnavailable, "The Kubernetes API does not accept the operator's credential; check its service account or kubeconfig."),
        _ => Of(error, FailureKind.Transient, Reasons.KubernetesUnavailable, $"The Kubernetes API could not answer {request}; it is tried again.")
            with
        { OutcomeUnknown = request.Method != HttpMethod.Get && error.Kind == KubernetesErrorKind.Transient },
    };

    private static Failure Of(KubernetesError error, FailureKind kind, string reason, string message) =>
        new(kind, reason, message, error.RetryAfter) { StatusCode = error.StatusCode };

    private static string Forbidden(KubernetesRequest request) =>
        $"give the operator's role the verb {Verb(request)} on {request.Resource}, or check the admission rules.";

    private static string Verb(KubernetesRequest request) => request.Method == HttpMethod.Get ? "get" : "patch";

    private static string FieldsOf(KubernetesError error) => error.Fields.Count == 0 ? "" : $" because of {string.Join(", ", error.Fields.Distinct())}";

    private static bool IsPrecondition(KubernetesError error) => error.Fields.Contains("metadata.uid", StringComparer.Ordinal);
}
