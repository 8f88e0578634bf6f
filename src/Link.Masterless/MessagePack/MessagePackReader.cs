using System.Buffers.Binary;
using System.Globalization;

namespace Link.Masterless.MessagePack;

/// <summary>Walks one MessagePack value and writes it as JSON.</summary>
/// <param name="value">The bytes of the value.</param>
/// <param name="json">Where to write.</param>
internal ref struct MessagePackReader(ReadOnlySpan<byte> value, BoundedJson json)
{
    private const int LevelsOfBinary = 2;
    private const int LevelsOfExtension = 3;

    private readonly BoundedJson _json = json;
    private ReadOnlySpan<byte> _rest = value;

    /// <summary>Writes the value.</summary>
    /// <exception cref="MessagePackException">The bytes are not exactly one value, or it is beyond the bounds.</exception>
    public void ReadWhole()
    {
        ReadValue(MessagePackHead.MaxDepth);
        if (!_rest.IsEmpty)
        {
            throw new MessagePackException("More bytes follow the value.");
        }
    }

    private void ReadValue(int levels)
    {
        var head = PeekHead();
        var last = _rest[head.Length - 1];
        _rest = _rest[head.Length..];
        switch (head.Kind)
        {
            case MessagePackKind.Array:
                ReadArray(head.Size, Enter(levels, 1));
                break;
            case MessagePackKind.Map:
                ReadMap(head.Size, Enter(levels, 1));
                break;
            case MessagePackKind.Text:
                _json.Quoted(Take(head.Size));
                break;
            case MessagePackKind.Binary:
                Enter(levels, LevelsOfBinary);
                _json.Bytes(Take(head.Size));
                break;
            case MessagePackKind.Extension:
                ReadExtension((sbyte)last, Take(head.Size), levels);
                break;
            case MessagePackKind.Small:
                _json.Integer((sbyte)last);
                break;
            default:
                ReadFixed(head.Kind, Take(head.Size));
                break;
        }
    }

    private void ReadArray(uint count, int levels)
    {
        RequireRoomFor(count);
        _json.Raw((byte)'[');
        for (var index = 0U; index < count; index++)
        {
            if (index > 0)
            {
                _json.Raw((byte)',');
            }

            ReadValue(levels);
        }

        _json.Raw((byte)']');
    }

    private void ReadMap(uint count, int levels)
    {
        RequireRoomFor(2L * count);
        _json.Raw((byte)'{');
        for (var index = 0U; index < count; index++)
        {
            if (index > 0)
            {
                _json.Raw((byte)',');
            }

            ReadName(levels);
            _json.Raw((byte)':');
            ReadValue(levels);
        }

        _json.Raw((byte)'}');
    }

    /// <summary>Text and bytes as text; a number, a boolean or nil as JavaScript's <c>String()</c> gives it; anything else as its JSON text.</summary>
    private void ReadName(int levels)
    {
        var head = PeekHead();
        switch (head.Kind)
        {
            case MessagePackKind.Text or MessagePackKind.Binary:
                _rest = _rest[head.Length..];
                _json.Quoted(Take(head.Size));
                break;
            case MessagePackKind.Float:
                _rest = _rest[head.Length..];
                ReadFloatName(FloatOf(Take(head.Size)));
                break;
            default:
                var start = _json.Length;
                ReadValue(levels);
                if (_json.Text[start] != '"')
                {
                    _json.Quote(start);
                }

                break;
        }
    }

    private void ReadFloatName(double value)
    {
        _json.Raw((byte)'"');
        if (double.IsFinite(value))
        {
            _json.Number(value);
        }
        else
        {
            _json.Raw(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        }

        _json.Raw((byte)'"');
    }

    private void ReadFixed(MessagePackKind kind, ReadOnlySpan<byte> body)
    {
        switch (kind)
        {
            case MessagePackKind.Nil:
                _json.Raw("null"u8);
                break;
            case MessagePackKind.False:
                _json.Raw("false"u8);
                break;
            case MessagePackKind.True:
                _json.Raw("true"u8);
                break;
            case MessagePackKind.Float:
                _json.Number(FloatOf(body));
                break;
            case MessagePackKind.Unsigned:
                _json.Integer(UnsignedOf(body));
                break;
            case MessagePackKind.Signed:
                _json.Integer(SignedOf(body));
                break;
            default:
                throw new MessagePackException("A byte that begins no value stands where one must begin.");
        }
    }

    private void ReadExtension(sbyte type, ReadOnlySpan<byte> data, int levels)
    {
        if (type == MessagePackTime.Type && MessagePackTime.TryRead(data, out var time))
        {
            MessagePackTime.Write(_json, time);
            return;
        }

        Enter(levels, LevelsOfExtension);
        _json.Raw("{\"type\":"u8);
        _json.Integer(type);
        _json.Raw(",\"data\":"u8);
        _json.Bytes(data);
        _json.Raw((byte)'}');
    }

    private static double FloatOf(ReadOnlySpan<byte> body) =>
        body.Length == sizeof(float) ? BinaryPrimitives.ReadSingleBigEndian(body) : BinaryPrimitives.ReadDoubleBigEndian(body);

    private static ulong UnsignedOf(ReadOnlySpan<byte> body) => body.Length switch
    {
        1 => body[0],
        2 => BinaryPrimitives.ReadUInt16BigEndian(body),
        4 => BinaryPrimitives.ReadUInt32BigEndian(body),
        _ => BinaryPrimitives.ReadUInt64BigEndian(body),
    };

    private static long SignedOf(ReadOnlySpan<byte> body) => body.Length switch
    {
        1 => (sbyte)body[0],
        2 => BinaryPrimitives.ReadInt16BigEndian(body),
        4 => BinaryPrimitives.ReadInt32BigEndian(body),
        _ => BinaryPrimitives.ReadInt64BigEndian(body),
    };

    private static int Enter(int levels, int count) => levels >= count
        ? levels - count
        : throw new MessagePackException(string.Create(CultureInfo.InvariantCulture, $"The value has more than {MessagePackHead.MaxDepth} levels."));

    private readonly MessagePackHead PeekHead() => MessagePackHead.TryRead(_rest, out var head) ? head : throw CutShort();

    private ReadOnlySpan<byte> Take(uint size)
    {
        RequireRoomFor(size);
        var body = _rest[..(int)size];
        _rest = _rest[(int)size..];
        return body;
    }

    /// <summary>Every byte, and every element, takes at least one byte.</summary>
    private readonly void RequireRoomFor(long size)
    {
        if (size > _rest.Length)
        {
            throw CutShort();
        }
    }

    private static MessagePackException CutShort() => new("The bytes end inside the value.");
}
