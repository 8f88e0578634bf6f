using System.Diagnostics.CodeAnalysis;
using System.Text;
using Link.Abstractions.Json;

namespace Link.Abstractions;

/// <summary>
/// The id that joins a reply to its request, kept as JSON text, because ipc-link lets any JSON value be an id and tells
/// <c>42</c> from <c>"42"</c> (SPEC.md, Process One 11). A default value means that there is no id. Immutable.
/// </summary>
public readonly struct RequestId : IEquatable<RequestId>
{
    private readonly ReadOnlyMemory<byte> _json;

    private RequestId(ReadOnlyMemory<byte> json) => _json = json;

    /// <summary>The id as JSON text in UTF-8, a string with its quotes; empty when there is no id.</summary>
    public ReadOnlyMemory<byte> Json => _json;

    /// <summary>True when there is no id.</summary>
    public bool IsMissing => _json.IsEmpty;

    /// <summary>The id of JSON text that is known to be one valid value. The memory is not copied.</summary>
    public static RequestId FromJson(ReadOnlyMemory<byte> json) => new(json);

    /// <summary>The id that is this string.</summary>
    public static RequestId FromString(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new RequestId(JsonText.Quote(id));
    }

    /// <summary>
    /// The same id as the one text that every way to write it leads to: no needless escapes, numbers as JavaScript writes them.
    /// Ids from different writers are to be compared in this form.
    /// </summary>
    public RequestId Canonical() => new(JsonScalar.Canonical(_json));

    /// <summary>Equal as text.</summary>
    public bool Equals(RequestId other) => _json.Span.SequenceEqual(other._json.Span);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is RequestId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_json.Span);
        return hash.ToHashCode();
    }

    /// <summary>The string that the id is, or the JSON text of any other value; empty when there is no id.</summary>
    public override string ToString() =>
        _json.Span is [(byte)'"', ..] ? JsonText.Unquote(_json.Span) : Encoding.UTF8.GetString(_json.Span);

    /// <summary>Equal as text.</summary>
    public static bool operator ==(RequestId left, RequestId right) => left.Equals(right);

    /// <summary>Not equal as text.</summary>
    public static bool operator !=(RequestId left, RequestId right) => !left.Equals(right);
}
