namespace Link.Docs.Pages;

/// <summary>A fenced block of a page.</summary>
/// <param name="Language">What stands after the opening fence.</param>
/// <param name="Text">Its lines, joined by line feeds.</param>
internal sealed record CodeBlock(string Language, string Text);
