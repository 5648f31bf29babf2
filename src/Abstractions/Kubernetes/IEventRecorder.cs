using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Writes core/v1 events about a resource or an environment object. Never fails a reconcile: a lost event is only logged.</summary>
public interface IEventRecorder
{
    /// <summary>Records a transition. Equal events (same object, type, reason, message) within ten minutes raise a count instead of adding a row.</summary>
    /// <param name="about">The resource (its identity only is used).</param>
    /// <param name="warning">True for type Warning, false for Normal.</param>
    /// <param name="reason">One of <see cref="Failures.Reasons"/>.</param>
    /// <param name="message">A sentence, never a secret.</param>
    void Record(NangoIntegration about, bool warning, string reason, string message);

    /// <summary>The same about an environment object; what is told about a <c>ClusterNangoEnvironment</c> is kept in namespace <c>default</c>.</summary>
    /// <param name="about">The environment object (its identity only is used).</param>
    /// <param name="warning">True for type Warning, false for Normal.</param>
    /// <param name="reason">One of <see cref="Failures.Reasons"/>.</param>
    /// <param name="message">A sentence, never a secret.</param>
    void Record(NangoEnvironment about, bool warning, string reason, string message);
}
