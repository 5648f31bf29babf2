namespace NangoOrleans.Clustering.Reminders;

/// <summary>No complete index answers, so which reminders there are is not known now. Expected at every start and change of the watcher; Orleans asks again.</summary>
public sealed class RemindersUnknownException()
    : InvalidOperationException("No complete index of the resources answers, so the reminders are not known now. Orleans asks again.");
