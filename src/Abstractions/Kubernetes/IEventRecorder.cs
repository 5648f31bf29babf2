using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Writes core/v1 events about a resource. Never fails a reconcile: a lost event is only logged.</summary>
public interface IEventRecorder
{
    /// <summary>Records a transition. Equal events (same object, type, reason, message) within ten minutes raise a count instead of adding a row.</summary>
    /// <param name="about">The resource (its identity only is used).</param>
    /// <param name="warning">True for type Warning, false for Normal.</param>
    /// <param name="reason">One of <see cref="Failures.Reasons"/>.</param>
    /// <param name="message">A sentence, never a secret.</param>
    void Record(NangoIntegration about, bool warning, string reason, string message);
}
