using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>The environment objects and namespaces as this silo last saw them, in memory: answers at once and asks nobody.</summary>
public interface IEnvironmentView
{
    /// <summary>False until everything was listed; until then a missing object may merely not have been seen.</summary>
    bool IsComplete { get; }

    /// <summary>False when the operator is confined to namespaces: then objects of the cluster are never seen, and there is no saying whether they exist.</summary>
    bool SeesCluster { get; }

    /// <summary>The environment object; null when it was not seen.</summary>
    /// <param name="id">Which.</param>
    NangoEnvironment? Find(EnvironmentId id);

    /// <summary>The environment object of a uid; null when it was not seen.</summary>
    /// <param name="uid">Its uid.</param>
    NangoEnvironment? FindByUid(string uid);

    /// <summary>Labels of a namespace; null when it was not seen.</summary>
    /// <param name="namespace">Name of the namespace.</param>
    IReadOnlyDictionary<string, string>? LabelsOf(string @namespace);

    /// <summary>Names of all namespaces seen.</summary>
    IReadOnlyCollection<string> Namespaces { get; }

    /// <summary>Asks for a fresh look at an environment: a call with its token has failed.</summary>
    /// <param name="id">Which.</param>
    void Doubt(EnvironmentId id);
}
