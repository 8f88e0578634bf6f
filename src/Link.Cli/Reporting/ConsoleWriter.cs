using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Link.Cli.Reporting;

/// <summary>Where text goes, and whether it may have colours.</summary>
/// <param name="Writer">Writes at once.</param>
/// <param name="HasColours">Whether a person sees it, and has not asked for no colours.</param>
internal sealed record ConsoleWriter(TextWriter Writer, bool HasColours)
{
    private const int StandardOutput = 1;

    /// <summary>Standard output.</summary>
    public static ConsoleWriter ForOutput() => For(OpenOutput(), Console.IsOutputRedirected);

    /// <summary>Standard error.</summary>
    public static ConsoleWriter ForError() => For(Console.OpenStandardError(), Console.IsErrorRedirected);

    private static ConsoleWriter For(Stream stream, bool isRedirected) => new(
        new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true },
        !isRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb");

    // The console's own stream says nothing when the reader of a pipe has gone, and a command without an end would run on.
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        try
        {
            var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.OpenStandardOutput() : stream;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.OpenStandardOutput();
        }
    }
}
