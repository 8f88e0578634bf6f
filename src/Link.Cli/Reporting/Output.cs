using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Link.Cli.Reporting;

/// <summary>
/// What the program prints: lines for people or, with <c>--json</c>, one object per line; errors on stderr; colours on a terminal only.
/// What peers send cannot steer the terminal. Safe for concurrent use.
/// </summary>
internal sealed class Output
{
    // EPIPE of Linux and macOS; ERROR_BROKEN_PIPE and ERROR_NO_DATA of Windows.
    private static readonly int[] ClosedPipe = OperatingSystem.IsWindows() ? [unchecked((int)0x8007006D), unchecked((int)0x800700E8)] : [32];

    // Lines are for the terminal to wrap.
    private const int NoWrapping = 100_000;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Style Bad = new(Color.Red);

    private readonly Lock _gate = new();
    private readonly IAnsiConsole _standard;
    private readonly IAnsiConsole _error;

    /// <summary>Prints to writers.</summary>
    /// <param name="standard">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="isJson">Whether it prints objects.</param>
    public Output(ConsoleWriter standard, ConsoleWriter error, bool isJson)
    {
        IsJson = isJson;
        _standard = ConsoleFor(standard);
        _error = ConsoleFor(error);
    }

    /// <summary>Whether it prints objects, one per line.</summary>
    public bool IsJson { get; }

    /// <summary>Prints a line for people, or an object for programs.</summary>
    public void Write(string line, Action<Utf8JsonWriter> members) => WriteLine(_standard, IsJson ? ToJson(members) : line);

    /// <summary>Prints a line that tells of something bad, or an object for programs.</summary>
    public void WriteBad(string line, Action<Utf8JsonWriter> members) => WriteLine(_standard, IsJson ? ToJson(members) : line, IsJson ? null : Bad);

    /// <summary>Prints an object for programs, and nothing for people.</summary>
    public void WriteJson(Action<Utf8JsonWriter> members)
    {
        if (IsJson)
        {
            WriteLine(_standard, ToJson(members));
        }
    }

    /// <summary>Prints a line that is the same for people and programs.</summary>
    public void WriteText(string line) => WriteLine(_standard, line);

    /// <summary>Prints rows in columns, for people.</summary>
    public void WriteTable(IEnumerable<string> titles, IEnumerable<IEnumerable<string>> rows)
    {
        var table = new Table().NoBorder();
        foreach (var title in titles)
        {
            table.AddColumn(new TableColumn(new Text(title, new Style(decoration: Decoration.Bold))).NoWrap());
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Clean(cell))));
        }

        // Columns are filled up with blanks, which are of no use at the end of a line.
        using var text = new StringWriter();
        ConsoleFor(new ConsoleWriter(text, _standard.Profile.Capabilities.Ansi)).Write(table);
        Guarded(() =>
        {
            foreach (var line in text.ToString().TrimEnd().Split('\n'))
            {
                _standard.Profile.Out.Writer.WriteLine(line.TrimEnd());
            }
        });
    }

    /// <summary>Says on stderr what went wrong, in one line.</summary>
    public void WriteError(Failure failure)
    {
        var line = IsJson ? ToJson(members => Describe(members, failure)) : $"link: {failure.Message}";
        try
        {
            WriteLine(_error, line, IsJson ? null : Bad);
        }
        catch (Exception exception) when (exception is IOException or OutputClosedException)
        {
            // There is nowhere left to say it; the exit code does.
        }
    }

    /// <summary>Writes why something failed as members of an object.</summary>
    public static void Describe(Utf8JsonWriter members, Failure failure)
    {
        members.WriteString("error", failure.Error);
        members.WriteString("message", failure.Message);
        if (failure.Fate is { } fate)
        {
            members.WriteString("fate", fate.ToString());
        }
    }

    /// <summary>
    /// One line that no terminal obeys, and that shows its characters in their order. It leaves the meaning of JSON alone: there the control
    /// characters of ASCII stand between values only, and the others may be written as escapes.
    /// </summary>
    internal static string Clean(string text)
    {
        if (!text.Any(character => char.IsControl(character) || IsBidirectional(character)))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            clean = character switch
            {
                < ' ' => clean.Append(' '),
                _ when char.IsControl(character) || IsBidirectional(character) => clean.Append("\\u").Append(((int)character).ToString("x4", null)),
                _ => clean.Append(character),
            };
        }

        return clean.ToString();
    }

    // What makes a terminal show text in another order than it was sent.
    private static bool IsBidirectional(char character) =>
        character is '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private static string ToJson(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static IAnsiConsole ConsoleFor(ConsoleWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = writer.HasColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = writer.HasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer.Writer),
        });
        console.Profile.Width = NoWrapping;
        return console;
    }

    private void WriteLine(IAnsiConsole console, string line, Style? style = null)
    {
        var clean = Clean(line);
        Guarded(() =>
        {
            if (style is null || !console.Profile.Capabilities.Ansi)
            {
                console.Profile.Out.Writer.WriteLine(clean);
            }
            else
            {
                console.Write(new Text(clean + Environment.NewLine, style));
            }
        });
    }

    private void Guarded(Action write)
    {
        lock (_gate)
        {
            try
            {
                write();
            }
            catch (IOException exception) when (ClosedPipe.Contains(exception.HResult))
            {
                throw new OutputClosedException(exception);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"The output cannot be written: {exception.Message.TrimEnd('.')}.", exception);
            }
        }
    }
}
