using k8s;

namespace NangoOrleans.Kubernetes;

/// <summary>The connection to a cluster could not be set up. The message is one sentence for the person who starts the program.</summary>
public sealed class KubernetesConnectionException : Exception
{
    /// <summary>Wraps the sentence.</summary>
    /// <param name="message">What is wrong and what to do about it.</param>
    /// <param name="inner">The cause.</param>
    public KubernetesConnectionException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>Chooses where the cluster is, in a fixed order and without guessing past a mistake.</summary>
public static class KubernetesConnection
{
    /// <summary>
    /// Loads the first of: <paramref name="path"/>; the file named by KUBECONFIG; the pod's service account;
    /// <c>~/.kube/config</c>. A source that is named but unusable is an error, never skipped.
    /// </summary>
    /// <param name="path">An explicit kubeconfig file, or null.</param>
    /// <exception cref="KubernetesConnectionException">No source, or the chosen one is unusable.</exception>
    public static KubernetesClientConfiguration Load(string? path = null) =>
        Load(path, Environment.GetEnvironmentVariable("KUBECONFIG"), KubernetesClientConfiguration.IsInCluster());

    internal static KubernetesClientConfiguration Load(string? path, string? environment, bool inCluster)
    {
        if (!string.IsNullOrEmpty(path)) return FromFile(path, "the kubeconfig setting");
        if (!string.IsNullOrEmpty(environment)) return FromFile(FirstExisting(environment), "KUBECONFIG");
        if (inCluster) return FromPod();
        var fallback = KubernetesClientConfiguration.KubeConfigDefaultLocation;
        return File.Exists(fallback)
            ? FromFile(fallback, "the default location")
            : throw new KubernetesConnectionException(
                $"No Kubernetes cluster is configured: set KUBECONFIG to a kubeconfig file, or create {fallback}.");
    }

    // kubectl merges a list of files; one cluster is enough here, so the first file that exists is taken.
    private static string FirstExisting(string list)
    {
        var files = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return files.FirstOrDefault(File.Exists) ?? list;
    }

    private static KubernetesClientConfiguration FromFile(string path, string source)
    {
        if (!File.Exists(path))
            throw new KubernetesConnectionException($"The kubeconfig file {path} (from {source}) does not exist: correct the path.");
        try
        {
            return KubernetesClientConfiguration.BuildConfigFromConfigFile(path);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new KubernetesConnectionException(
                $"The kubeconfig file {path} (from {source}) cannot be used: check its current context, cluster and user.", e);
        }
    }

    private static KubernetesClientConfiguration FromPod()
    {
        try
        {
            return KubernetesClientConfiguration.InClusterConfig();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new KubernetesConnectionException(
                "The pod's service account cannot be used: check that automountServiceAccountToken is not false.", e);
        }
    }
}
