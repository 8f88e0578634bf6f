using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Harness;

/// <summary>A child process running main.js: commands go to its stdin, results come from its stdout, one JSON object per line.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const int StderrLimit = 16 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JToken?>> _calls = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _stderr = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Task _results;
    private readonly Task _errors;
    private int _lastCall;
    private int _disposed;
    private volatile bool _ended;

    private NodeProcess(Process process)
    {
        _process = process;
        _results = Task.Run(ReadResultsAsync);
        _errors = Task.Run(ReadErrorsAsync);
    }

    /// <summary>The operating system's number of the child.</summary>
    public int Id => _process.Id;

    /// <summary>Starts the child and waits until it takes commands.</summary>
    public static async Task<NodeProcess> StartAsync()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var process = Process.Start(new ProcessStartInfo("node", ["main.js"])
        {
            WorkingDirectory = NodeModules.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        }) ?? throw new InvalidOperationException("node did not start.");
        var node = new NodeProcess(process);
        try
        {
            await node._ready.Task.WaitAsync(Deadline);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one command of main.js and gives its result, null when it has none.</summary>
    /// <exception cref="InvalidOperationException">The command failed, or the process is gone; what it wrote to stderr is in the message.</exception>
    public async Task<JToken?> CallAsync(string command, object arguments)
    {
        var seq = Interlocked.Increment(ref _lastCall);
        var call = new TaskCompletionSource<JToken?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[seq] = call;
        if (_ended)
        {
            // The reader may have swept before the line above.
            call.TrySetException(Gone());
        }

        await WriteAsync(seq, command, arguments);
        return await call.Task.WaitAsync(Deadline);
    }

    /// <summary>Kills the child the hard way and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(Deadline);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await KillAsync();
        await Task.WhenAll(_results, _errors).WaitAsync(Deadline);
        _process.Dispose();
        _writing.Dispose();
    }

    // Pure ASCII, so that a lone surrogate reaches the child as it is.
    private static string LineOf(int seq, string command, object arguments)
    {
        var serializer = JsonSerializer.Create(new JsonSerializerSettings
        {
            StringEscapeHandling = StringEscapeHandling.EscapeNonAscii,
            DateParseHandling = DateParseHandling.None,
        });
        var line = JObject.FromObject(arguments, serializer);
        line.AddFirst(new JProperty("command", command));
        line.AddFirst(new JProperty("seq", seq));
        var text = new StringWriter();
        serializer.Serialize(text, line);
        return text.ToString();
    }

    private async Task WriteAsync(int seq, string command, object arguments)
    {
        await _writing.WaitAsync(Deadline);
        try
        {
            await _process.StandardInput.WriteLineAsync(LineOf(seq, command, arguments)).WaitAsync(Deadline);
            await _process.StandardInput.FlushAsync().WaitAsync(Deadline);
        }
        catch (IOException)
        {
            // The child is gone: the reader fails the call, and says why.
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadResultsAsync()
    {
        try
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } text)
            {
                Take(text);
            }

            await _errors;
        }
        finally
        {
            _ended = true;
            _ready.TrySetException(Gone());
            foreach (var call in _calls.Values)
            {
                call.TrySetException(Gone());
            }
        }
    }

    private void Take(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None };
        var line = JObject.Load(reader);
        if (line["ready"] is not null)
        {
            _ready.TrySetResult();
        }
        else if (_calls.TryRemove((int)line["seq"]!, out var call))
        {
            Complete(call, line);
        }
    }

    private void Complete(TaskCompletionSource<JToken?> call, JObject line)
    {
        if (line["error"] is { } error)
        {
            call.TrySetException(new InvalidOperationException($"Node says: {error}{Stderr()}"));
        }
        else
        {
            call.TrySetResult(line["value"]);
        }
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } text)
        {
            lock (_stderr)
            {
                if (_stderr.Length < StderrLimit)
                {
                    _stderr.AppendLine(text);
                }
            }
        }
    }

    private InvalidOperationException Gone() => new($"The Node process is gone.{Stderr()}");

    private string Stderr()
    {
        lock (_stderr)
        {
            return _stderr.Length == 0 ? "" : $"{Environment.NewLine}{_stderr}";
        }
    }
}
