namespace NangoOrleans.Failures;

/// <summary>Every reason that may stand in a condition or event (docs/reference.md lists cause and remedy).</summary>
public static class Reasons
{
    /// <summary>Nango agrees with the resource.</summary>
    public const string Created = "Created";

    /// <summary>An existing integration was taken over.</summary>
    public const string Adopted = "Adopted";

    /// <summary>Nango was made to agree with a changed resource.</summary>
    public const string Updated = "Updated";

    /// <summary>The integration had been re-created in Nango by somebody else.</summary>
    public const string Recreated = "Recreated";

    /// <summary>The integration was removed from Nango.</summary>
    public const string Deleted = "Deleted";

    /// <summary>The resource is gone, the integration was left in Nango.</summary>
    public const string Retained = "Retained";

    /// <summary>Work is under way.</summary>
    public const string Progressing = "Progressing";

    /// <summary><c>spec.suspend</c> is true.</summary>
    public const string Suspended = "Suspended";

    /// <summary>A field is missing or malformed.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>An immutable field was changed.</summary>
    public const string ImmutableField = "ImmutableField";

    /// <summary>The provider is not in the server's catalogue.</summary>
    public const string UnknownProvider = "UnknownProvider";

    /// <summary>The credentials' type is not the provider's auth mode, or the mode takes none, or needs some.</summary>
    public const string CredentialsMismatch = "CredentialsMismatch";

    /// <summary>The base URL is not on the administrator's list, or not usable.</summary>
    public const string BaseUrlNotAllowed = "BaseUrlNotAllowed";

    /// <summary>The operator's default credential may not be used here, or there is none.</summary>
    public const string DefaultCredentialNotAllowed = "DefaultCredentialNotAllowed";

    /// <summary>Nango accepts the token of an environment object.</summary>
    public const string TokenAccepted = "TokenAccepted";

    /// <summary>The environment object does not exist.</summary>
    public const string EnvironmentNotFound = "EnvironmentNotFound";

    /// <summary>The environment object does not allow the resource's namespace.</summary>
    public const string EnvironmentNotAllowed = "EnvironmentNotAllowed";

    /// <summary>The environment object is suspended.</summary>
    public const string EnvironmentSuspended = "EnvironmentSuspended";

    /// <summary>The environment object cannot be used at the moment; its own status says why.</summary>
    public const string EnvironmentNotReady = "EnvironmentNotReady";

    /// <summary>The environment object wants another beginning of the key.</summary>
    public const string KeyPrefixRequired = "KeyPrefixRequired";

    /// <summary>A Secret or a key in it is missing.</summary>
    public const string SecretNotFound = "SecretNotFound";

    /// <summary>The operator may not read a Secret.</summary>
    public const string SecretForbidden = "SecretForbidden";

    /// <summary>The token is no key that Nango could have issued.</summary>
    public const string TokenMalformed = "TokenMalformed";

    /// <summary>Nango does not know the token (wrong or revoked).</summary>
    public const string TokenRefused = "TokenRefused";

    /// <summary>Deletion: the token of the environment to which the resource was last applied is gone.</summary>
    public const string CredentialGone = "CredentialGone";

    /// <summary>The token lacks a scope.</summary>
    public const string ScopeMissing = "ScopeMissing";

    /// <summary>Nango refused the request for a reason of its own.</summary>
    public const string Rejected = "Rejected";

    /// <summary>Nango already has the key and adoption is refused.</summary>
    public const string AlreadyExists = "AlreadyExists";

    /// <summary>Mode <c>Observe</c>: Nango has the integration, but not as the resource says.</summary>
    public const string Differs = "Differs";

    /// <summary>Mode <c>Observe</c>: Nango does not have the integration.</summary>
    public const string Absent = "Absent";

    /// <summary>Another resource owns the key.</summary>
    public const string KeyConflict = "KeyConflict";

    /// <summary>A change was accepted by Nango but does not show.</summary>
    public const string NotApplied = "NotApplied";

    /// <summary>Nango's request limit is used up.</summary>
    public const string RateLimited = "RateLimited";

    /// <summary>Nango answered with a server error.</summary>
    public const string ServerError = "ServerError";

    /// <summary>Nango's database is away (it says so with a 401 of its own kind).</summary>
    public const string NangoUnavailable = "NangoUnavailable";

    /// <summary>Nango could not be reached, or the connection broke.</summary>
    public const string Unreachable = "Unreachable";

    /// <summary>The certificate of the server is not trusted, not for its name, or expired.</summary>
    public const string CertificateRefused = "CertificateRefused";

    /// <summary>Nango did not answer in time.</summary>
    public const string Timeout = "Timeout";

    /// <summary>Nearly every request to an environment fails: all wait until one succeeds.</summary>
    public const string CircuitOpen = "CircuitOpen";

    /// <summary>The answer was not what Nango's API gives (wrong base URL or a proxy in between).</summary>
    public const string UnexpectedAnswer = "UnexpectedAnswer";

    /// <summary>The Kubernetes API could not be used.</summary>
    public const string KubernetesUnavailable = "KubernetesUnavailable";

    /// <summary>The Kubernetes API refused a write of the operator.</summary>
    public const string KubernetesForbidden = "KubernetesForbidden";

    /// <summary>The object changed while it was being worked on.</summary>
    public const string ObjectChanged = "ObjectChanged";

    /// <summary>Kept in Nango because end users are connected through it.</summary>
    public const string InUse = "InUse";

    /// <summary>Deletion gave up on Nango; something may be left there.</summary>
    public const string DeletionAbandoned = "DeletionAbandoned";

    /// <summary>A defect of the operator.</summary>
    public const string InternalError = "InternalError";
}
