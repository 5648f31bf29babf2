using NangoOrleans.Failures;

namespace NangoOrleans.Kubernetes;

/// <summary>A Secret as read; its values never show in <see cref="ToString"/>.</summary>
public sealed class SecretData(string uid, string resourceVersion, IReadOnlyDictionary<string, string> values)
{
    /// <summary>Uid of the Secret.</summary>
    public string Uid { get; } = uid;

    /// <summary>Version of the Secret.</summary>
    public string ResourceVersion { get; } = resourceVersion;

    /// <summary>Decoded UTF-8 values by key, trailing line breaks removed (Nango would store or reject them).</summary>
    public IReadOnlyDictionary<string, string> Values { get; } = values;

    /// <summary>Never the values.</summary>
    public override string ToString() => $"Secret {Uid}@{ResourceVersion}";
}

/// <summary>Reads Secrets by name.</summary>
public interface ISecretReader
{
    /// <summary>Reads one Secret.</summary>
    /// <returns>The Secret, or null when it does not exist.</returns>
    /// <exception cref="FailureException">The API server cannot answer (transient) or refuses (terminal, <see cref="Reasons.SecretForbidden"/>).</exception>
    Task<SecretData?> ReadAsync(string @namespace, string name, CancellationToken cancellationToken);
}
