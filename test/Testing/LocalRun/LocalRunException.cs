namespace NangoOrleans.LocalRun;

/// <summary>The run cannot go on; the message is one sentence for the person who started it.</summary>
internal sealed class LocalRunException(string message) : Exception(message);
