using Link.Abstractions;

namespace Link.Cli.Reporting;

/// <summary>Why a command did not do what it was asked to. Immutable.</summary>
/// <param name="Code">How the program ends because of it.</param>
/// <param name="Error">One word for scripts, such as <c>NoSuchPeer</c>.</param>
/// <param name="Message">One line for people.</param>
/// <param name="Fate">Whether the peer may have acted; null where nothing was to be sent.</param>
internal sealed record Failure(ExitCode Code, string Error, string Message, RequestFate? Fate = null)
{
    /// <summary>A command line that makes no sense.</summary>
    public static Failure Usage(string message) => new(ExitCode.Usage, nameof(ExitCode.Usage), message);

    /// <summary>What an exception means to whoever typed the command.</summary>
    public static Failure Of(Exception exception) => exception switch
    {
        LinkException link => new Failure(ExitCodes.Of(link.Error), link.Error.ToString(), link.Message, link.Fate),
        OperationCanceledException => Interrupted((exception.InnerException as LinkException)?.Fate),
        ArgumentException argument => Usage(WithoutParameter(argument)),
        IOException or UnauthorizedAccessException => new Failure(ExitCode.Failed, nameof(ExitCode.Failed), exception.Message),
        _ => new Failure(ExitCode.Failed, nameof(ExitCode.Failed), $"{exception.GetType().Name}: {exception.Message}"),
    };

    private static Failure Interrupted(RequestFate? fate)
    {
        var consequence = fate switch
        {
            RequestFate.NotSent => "; nothing was sent",
            RequestFate.Unknown => "; the peer may have handled the request",
            _ => "",
        };
        return new Failure(ExitCode.Interrupted, nameof(ExitCode.Interrupted), $"interrupted{consequence}", fate);
    }

    // The name of a parameter means nothing to whoever typed a command.
    private static string WithoutParameter(ArgumentException exception) =>
        exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);
}
