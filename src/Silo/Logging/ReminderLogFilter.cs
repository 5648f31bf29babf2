using NangoOrleans.Clustering.Reminders;

namespace NangoOrleans.Logging;

/// <summary>
/// Until the first list is complete the reminder table answers with an exception, on purpose, and Orleans warns of each such answer. Those
/// lines are left out, and nothing else of its reminder service: readiness tells of an index that stays incomplete.
/// </summary>
internal sealed class ReminderLogFilter(ILoggerFactory inner) : ILoggerFactory
{
    private const string Category = "Orleans.Runtime.ReminderService";

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        return categoryName.StartsWith(Category, StringComparison.Ordinal) ? new Filter(logger) : logger;
    }

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private sealed class Filter(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not RemindersUnknownException) logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
