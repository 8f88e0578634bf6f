using Link.Abstractions;

namespace Link.NodeIpc.Events;

/// <summary>
/// Handlers by the type of the message, and the events that a server and a client have in common. Handlers of one connection run one after
/// the other, in the order of what happened, never on a thread that receives; one that fails is reported by <see cref="Error"/> and ends nothing.
/// Safe for concurrent use.
/// </summary>
public abstract class IpcEvents
{
    private static readonly Dictionary<string, string> Reserved = new(StringComparer.Ordinal)
    {
        ["connect"] = "Connected",
        ["disconnect"] = "Disconnected",
        ["destroy"] = "Destroyed",
        ["error"] = "Error",
        ["data"] = "Data",
        ["start"] = "Started",
        ["close"] = "Closed",
        ["socket.disconnected"] = "SocketDisconnected",
    };

    private readonly EventTable _handlers = new();

    private protected IpcEvents(IpcContext context) => Context = context;

    /// <summary>Something went wrong that belongs to no call: an attempt to connect, a connection, a message that was dropped, a handler.</summary>
    public event EventHandler<IpcErrorEventArgs>? Error;

    /// <summary>Bytes arrived in raw mode.</summary>
    public event EventHandler<IpcDataEventArgs>? Data;

    private protected IpcContext Context { get; }

    /// <summary>Calls the handler for every message of the type, from now on.</summary>
    /// <exception cref="ArgumentException">The type is the name of a local event of node-ipc: the message says which event to use.</exception>
    public void On(string type, Action<IpcMessage> handler) => Add(type, handler, once: false);

    /// <summary>The same with a handler that is awaited before the next one runs.</summary>
    /// <inheritdoc cref="On(string, Action{IpcMessage})"/>
    public void On(string type, Func<IpcMessage, Task> handler) => Add(type, handler, once: false);

    /// <summary>Calls the handler for the next message of the type alone.</summary>
    /// <inheritdoc cref="On(string, Action{IpcMessage})"/>
    public void Once(string type, Action<IpcMessage> handler) => Add(type, handler, once: true);

    /// <summary>The same with a handler that is awaited before the next one runs.</summary>
    /// <inheritdoc cref="On(string, Action{IpcMessage})"/>
    public void Once(string type, Func<IpcMessage, Task> handler) => Add(type, handler, once: true);

    /// <summary>Calls the handler whenever <see cref="Data"/> is raised, and awaits it: what it throws is an <see cref="Error"/>.</summary>
    public void OnData(Func<IpcDataEventArgs, Task> handler) => AddLocal("data", handler);

    /// <summary>Removes all handlers of the type.</summary>
    public void Off(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        _handlers.Remove(type, handler: null);
    }

    /// <summary>Removes the handler from the type.</summary>
    public void Off(string type, Action<IpcMessage> handler) => Remove(type, handler);

    /// <summary>Removes the handler from the type.</summary>
    public void Off(string type, Func<IpcMessage, Task> handler) => Remove(type, handler);

    /// <summary>Whether a type is one of node-ipc's local events, which no peer may fire.</summary>
    internal static bool IsReserved(string type) => Reserved.ContainsKey(type);

    /// <summary>Runs the handlers of a message. Never throws.</summary>
    internal async Task HandleAsync(IpcMessage message)
    {
        OnHandling(message);
        var handlers = _handlers.Take(message.Type);
        if (handlers.Length == 0)
        {
            IpcLog.Unhandled(Context.Logger, message.Socket.Peer, message.Type);
        }

        foreach (var handler in handlers)
        {
            try
            {
                if (handler is Func<IpcMessage, Task> awaited)
                {
                    await awaited(message).ConfigureAwait(false);
                }
                else
                {
                    ((Action<IpcMessage>)handler)(message);
                }
            }
            catch (Exception exception)
            {
                IpcLog.HandlerFailed(Context.Logger, exception);
                Report(exception, message.Socket);
            }
        }
    }

    /// <summary>Raises <see cref="Data"/>. Never throws.</summary>
    internal Task RaiseDataAsync(ReadOnlyMemory<byte> bytes, IpcSocket socket) => RaiseAsync(Data, new IpcDataEventArgs(bytes, socket), "data");

    /// <summary>Logs and raises <see cref="Error"/>. Never throws.</summary>
    internal Task RaiseErrorAsync(LinkException error, IpcSocket? socket)
    {
        IpcLog.Fault(Context.Logger, error.Message, error);
        Report(error, socket);
        return Task.CompletedTask;
    }

    /// <summary>Called before the handlers of a message.</summary>
    private protected virtual void OnHandling(IpcMessage message)
    {
    }

    /// <summary>Has a local event awaited by a handler.</summary>
    private protected void AddLocal<TArgs>(string type, Func<TArgs, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handlers.Add(type, handler, once: false);
    }

    /// <summary>Calls every handler of an event, and then those that are awaited. Never throws.</summary>
    private protected async Task RaiseAsync<TArgs>(EventHandler<TArgs>? handlers, TArgs args, string? type = null)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(this, args);
            }
            catch (Exception exception)
            {
                IpcLog.HandlerFailed(Context.Logger, exception);
                Report(exception, socket: null);
            }
        }

        foreach (var handler in type is null ? [] : _handlers.Take(type))
        {
            try
            {
                await ((Func<TArgs, Task>)handler)(args).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                IpcLog.HandlerFailed(Context.Logger, exception);
                Report(exception, socket: null);
            }
        }
    }

    private void Report(Exception error, IpcSocket? socket)
    {
        var args = new IpcErrorEventArgs(error, socket);
        foreach (var handler in Delegate.EnumerateInvocationList(Error))
        {
            try
            {
                handler(this, args);
            }
            catch (Exception exception)
            {
                // Not reported by the event that it came out of.
                IpcLog.HandlerFailed(Context.Logger, exception);
            }
        }
    }

    private void Add(string type, Delegate handler, bool once)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(handler);
        if (Reserved.TryGetValue(type, out var replacement))
        {
            throw new ArgumentException($"'{type}' is a local event that no message can fire: use the event {replacement}.", nameof(type));
        }

        _handlers.Add(type, handler, once);
    }

    private void Remove(string type, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(handler);
        _handlers.Remove(type, handler);
    }
}
