using Microsoft.Extensions.Logging;

namespace Link.Tests.Faults;

/// <summary>Makes loggers that throw whenever they are used, or throws instead of making them.</summary>
internal sealed class BrokenLoggerFactory(bool makesLoggers) : ILoggerFactory, ILogger
{
    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => makesLoggers ? this : throw new InvalidTimeZoneException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        throw new InvalidTimeZoneException();

    public void Dispose()
    {
    }
}
