using System.CommandLine;
using System.CommandLine.Parsing;

namespace Link.Cli.Arguments;

/// <summary>Options that do not exist. Where anything may be an argument the parser takes them for data, and a slip of the finger would be sent.</summary>
internal static class UnknownOptions
{
    /// <summary>The first one before <c>--</c>, after which all is data.</summary>
    public static string? FindFirst(ParseResult arguments) => arguments.Tokens
        .TakeWhile(token => token.Type != TokenType.DoubleDash)
        .Where(token => token.Type == TokenType.Argument && LooksLikeOne(token.Value))
        .Select(token => token.Value)
        .FirstOrDefault();

    // A negative number is data, and a dash alone is standard input.
    private static bool LooksLikeOne(string text) =>
        text.StartsWith("--", StringComparison.Ordinal) || (text.Length > 1 && text[0] == '-' && char.IsLetter(text[1]));
}
