using System.Globalization;
using System.Numerics;
using Link.Abstractions.Buffers;
using Newtonsoft.Json;

namespace Link.Abstractions.Json;

/// <summary>
/// Lets Newtonsoft.Json write UTF-8 in the forms of a JavaScript engine. The text stays here until it is complete, so that a failure
/// leaves nothing half written and members can still be reordered. Not safe for concurrent use.
/// </summary>
internal sealed class Utf8JsonTokenWriter : JsonWriter
{
    private const int LongestInteger = 20;
    private const int LongestGuid = 36;

    /// <summary>A writer keeps at most this much memory while it waits for the next value.</summary>
    private const int KeptBytes = 16 * 1024;

    [ThreadStatic]
    private static Utf8JsonTokenWriter? _spare;

    private readonly PooledBuffer _text = new();
    private int _maxDepth = JsonText.MaxDepth;
    private int _memberStart;
    private bool _hasIndexes;

    // What a failed serializer left open stays open: it must not pass for a complete value.
    private Utf8JsonTokenWriter() => AutoCompleteOnClose = false;

    /// <summary>The text of one complete value, its members in order. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Complete()
    {
        if (_hasIndexes)
        {
            MemberOrder.Apply(System.Runtime.InteropServices.MemoryMarshal.AsMemory(_text.WrittenMemory).Span);
        }

        return _text.WrittenSpan;
    }

    /// <summary>A writer for one value; <see cref="Return"/> it afterwards, whatever happened.</summary>
    /// <param name="maxDepth">The levels the value may have.</param>
    public static Utf8JsonTokenWriter Rent(int maxDepth)
    {
        // Taken out of the slot while in use: a converter may serialize another value meanwhile.
        var writer = _spare ?? new Utf8JsonTokenWriter();
        _spare = null;
        writer._maxDepth = maxDepth;
        return writer;
    }

    /// <summary>Keeps the writer for the next value of this thread; one that failed half way is let go.</summary>
    public void Return()
    {
        _hasIndexes = false;
        _text.Truncate(0);
        var isReusable = WriteState == WriteState.Start;
        if (!isReusable || _text.GetSpan().Length > KeptBytes)
        {
            _text.Release();
        }

        _spare = isReusable ? this : null;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void WriteStartObject()
    {
        base.WriteStartObject();
        CheckDepth(0);
        WriteByte((byte)'{');
    }

    /// <inheritdoc/>
    public override void WriteStartArray()
    {
        base.WriteStartArray();
        CheckDepth(0);
        WriteByte((byte)'[');
    }

    /// <inheritdoc/>
    public override void WritePropertyName(string name)
    {
        _memberStart = _text.Length;
        base.WritePropertyName(name);
        JsonText.WriteQuoted(_text, name);
        WriteByte((byte)':');
        _hasIndexes = _hasIndexes || MemberOrder.IsIndex(name);
    }

    /// <inheritdoc/>
    public override void WriteNull()
    {
        base.WriteNull();
        _text.Write("null"u8);
    }

    /// <summary>Leaves the member out; anywhere else than in a member, null.</summary>
    public override void WriteUndefined()
    {
        var isMember = WriteState == WriteState.Property;
        base.WriteUndefined();
        if (isMember)
        {
            _text.Truncate(_memberStart);
        }
        else
        {
            _text.Write("null"u8);
        }
    }

    /// <inheritdoc/>
    public override void WriteRaw(string? json) => throw new JsonWriterException("Raw text is not taken: it may not be JSON.");

    /// <inheritdoc/>
    public override void WriteRawValue(string? json) => WriteRaw(json);

    /// <inheritdoc/>
    public override void WriteComment(string? text) => throw new JsonWriterException("JSON has no comments.");

    /// <inheritdoc/>
    public override void WriteStartConstructor(string name) => throw new JsonWriterException("JSON has no constructors.");

    /// <inheritdoc/>
    public override void WriteValue(string? value)
    {
        if (value is null)
        {
            WriteNull();
            return;
        }

        base.WriteValue(value);
        JsonText.WriteQuoted(_text, value);
    }

    /// <inheritdoc/>
    public override void WriteValue(bool value)
    {
        base.WriteValue(value);
        _text.Write(value ? "true"u8 : "false"u8);
    }

    /// <inheritdoc/>
    public override void WriteValue(long value)
    {
        base.WriteValue(value);
        value.TryFormat(_text.GetSpan(LongestInteger), out var length, default, CultureInfo.InvariantCulture);
        _text.Advance(length);
    }

    /// <inheritdoc/>
    public override void WriteValue(ulong value)
    {
        base.WriteValue(value);
        value.TryFormat(_text.GetSpan(LongestInteger), out var length, default, CultureInfo.InvariantCulture);
        _text.Advance(length);
    }

    /// <inheritdoc/>
    public override void WriteValue(int value) => WriteValue((long)value);

    /// <inheritdoc/>
    public override void WriteValue(uint value) => WriteValue((ulong)value);

    /// <inheritdoc/>
    public override void WriteValue(short value) => WriteValue((long)value);

    /// <inheritdoc/>
    public override void WriteValue(ushort value) => WriteValue((ulong)value);

    /// <inheritdoc/>
    public override void WriteValue(byte value) => WriteValue((ulong)value);

    /// <inheritdoc/>
    public override void WriteValue(sbyte value) => WriteValue((long)value);

    /// <inheritdoc/>
    public override void WriteValue(double value)
    {
        base.WriteValue(value);
        _text.Advance(JavaScriptNumber.Format(value, _text.GetSpan(JavaScriptNumber.MaxLength)));
    }

    /// <inheritdoc/>
    public override void WriteValue(float value)
    {
        base.WriteValue(value);
        _text.Advance(JavaScriptNumber.Format(value, _text.GetSpan(JavaScriptNumber.MaxLength)));
    }

    /// <inheritdoc/>
    public override void WriteValue(decimal value)
    {
        base.WriteValue(value);
        _text.Advance(JavaScriptNumber.Format(value, _text.GetSpan(JavaScriptNumber.MaxLength)));
    }

    /// <inheritdoc/>
    public override void WriteValue(char value)
    {
        base.WriteValue(value);
        JsonText.WriteQuoted(_text, [value]);
    }

    /// <inheritdoc/>
    public override void WriteValue(DateTime value)
    {
        base.WriteValue(value);
        JavaScriptDate.WriteQuoted(value, _text.GetSpan(JavaScriptDate.QuotedLength));
        _text.Advance(JavaScriptDate.QuotedLength);
    }

    /// <inheritdoc/>
    public override void WriteValue(DateTimeOffset value) => WriteValue(value.UtcDateTime);

    /// <inheritdoc/>
    public override void WriteValue(Guid value)
    {
        base.WriteValue(value);
        _text.Write("\""u8);
        value.TryFormat(_text.GetSpan(LongestGuid), out var length);
        _text.Advance(length);
        _text.Write("\""u8);
    }

    /// <inheritdoc/>
    public override void WriteValue(TimeSpan value) => WriteValue(value.ToString("c", CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void WriteValue(Uri? value) => WriteValue(value?.OriginalString);

    /// <inheritdoc/>
    public override void WriteValue(byte[]? value)
    {
        if (value is null)
        {
            WriteNull();
            return;
        }

        base.WriteValue(value);
        CheckDepth(NodeBuffer.Depth);
        NodeBuffer.Write(_text, value);
    }

    /// <inheritdoc/>
    public override void WriteValue(object? value)
    {
        if (value is BigInteger integer)
        {
            SetWriteState(JsonToken.Integer, integer);
            _text.Write(System.Text.Encoding.UTF8.GetBytes(integer.ToString(CultureInfo.InvariantCulture)));
            return;
        }

        base.WriteValue(value);
    }

    /// <inheritdoc/>
    protected override void WriteEnd(JsonToken token) => WriteByte(token == JsonToken.EndObject ? (byte)'}' : (byte)']');

    // After a member that was left out, nothing or a finished member stands before the next one.
    /// <inheritdoc/>
    protected override void WriteValueDelimiter()
    {
        if (_text.WrittenSpan[^1] is not ((byte)'{' or (byte)'['))
        {
            WriteByte((byte)',');
        }
    }

    private void WriteByte(byte value)
    {
        _text.GetSpan(1)[0] = value;
        _text.Advance(1);
    }

    private void CheckDepth(int extra)
    {
        if (Top + extra > _maxDepth)
        {
            throw new JsonWriterException(string.Create(CultureInfo.InvariantCulture, $"The value has more than {_maxDepth} levels."));
        }
    }
}
