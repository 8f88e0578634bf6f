namespace Link.Abstractions;

/// <summary>Failures of a JSON library, and of user code it called, as the one exception that Link throws for them.</summary>
internal static class JsonFailure
{
    /// <summary>The value cannot become JSON.</summary>
    public static LinkException Writing(Type type, Exception cause) =>
        new(LinkError.InvalidData, $"A value of type {type} cannot be written as JSON: {cause.Message}", innerException: cause);

    /// <summary>The JSON cannot become a value.</summary>
    public static LinkException Reading(Type type, Exception cause) =>
        new(LinkError.InvalidData, $"The JSON cannot be read as {type}: {cause.Message}", innerException: cause);
}
