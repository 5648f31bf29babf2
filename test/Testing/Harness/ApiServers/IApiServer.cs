using k8s;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>A Kubernetes API server for tests: a real one or the development double.</summary>
public interface IApiServer : IAsyncDisposable
{
    /// <summary>Where it listens, on loopback.</summary>
    Uri BaseUrl { get; }

    /// <summary>A kubeconfig file with all rights.</summary>
    string KubeconfigPath { get; }

    /// <summary>A new client configuration with all rights.</summary>
    KubernetesClientConfiguration CreateClientConfiguration() =>
        KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeconfigPath);
}
