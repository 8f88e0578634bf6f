using System.Text;
using Link.Abstractions;
using Newtonsoft.Json.Linq;

namespace Link.Cli.Arguments;

/// <summary>JSON as it is typed or piped.</summary>
internal static class JsonInput
{
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int ShownCharacters = 40;

    /// <summary>JSON of the command line, or of standard input where that says <c>-</c>.</summary>
    /// <exception cref="ArgumentException">It is not JSON.</exception>
    public static async Task<Payload> ReadAsync(string argument, CancellationToken cancellationToken)
    {
        var isPiped = argument == "-";
        var text = isPiped ? await ReadInputAsync(cancellationToken).ConfigureAwait(false) : argument;
        return TryParse(text) ?? throw new ArgumentException($"{(isPiped ? "Standard input is" : $"'{Shorten(argument)}' is")} not one strict JSON value.");
    }

    /// <summary>An argument as a value: what is not JSON is a string.</summary>
    public static JToken ToToken(string argument) => TryParse(argument)?.AsToken() ?? new JValue(argument);

    private static Payload? TryParse(string text)
    {
        try
        {
            return Payload.FromJson(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string Shorten(string text) => text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "...";

    private static async Task<string> ReadInputAsync(CancellationToken cancellationToken)
    {
        using var input = Console.OpenStandardInput();
        using var text = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            // A read from a terminal cannot be cancelled; it is left alone.
            var read = await input.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length));
            }

            if (text.Length + read > MaxBytes)
            {
                throw new ArgumentException($"Standard input is longer than {MaxBytes} bytes.");
            }

            text.Write(buffer, 0, read);
        }
    }
}
