namespace NangoOrleans.Clustering.Reminders;

/// <summary>The index is incomplete, so which reminders there are is not known yet. Expected at every start; Orleans asks again.</summary>
public sealed class RemindersUnknownException()
    : InvalidOperationException("The watcher's index is incomplete, so the reminders are not known yet. Orleans asks again.");
