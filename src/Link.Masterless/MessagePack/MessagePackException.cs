namespace Link.Masterless.MessagePack;

/// <summary>The bytes are no MessagePack value, or one beyond the bounds.</summary>
/// <param name="message">What is wrong; holds nothing of the bytes.</param>
internal sealed class MessagePackException(string message) : Exception(message);
