using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace NangoOrleans.Grains.Tests.Hosting;

/// <summary>Reads every log line of the silo at every level, and keeps those that show a secret.</summary>
internal sealed class LeakDetector : ILoggerProvider
{
    /// <summary>What every secret of these tests contains.</summary>
    public const string Canary = "canary-4711";

    private long _lines;

    public ConcurrentQueue<string> Leaks { get; } = new();

    /// <summary>Errors of our own.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>Lines of our own so far.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // Holds nothing.
    }

    private sealed class Logger(LeakDetector detector, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = $"{category}: {formatter(state, exception)} {exception}";
            if (category.StartsWith("NangoOrleans", StringComparison.Ordinal)) Interlocked.Increment(ref detector._lines);
            if (logLevel >= LogLevel.Error && category.StartsWith("NangoOrleans", StringComparison.Ordinal)) detector.Errors.Enqueue(line);
            if (line.Contains(Canary, StringComparison.Ordinal)) detector.Leaks.Enqueue(line);
        }
    }
}
