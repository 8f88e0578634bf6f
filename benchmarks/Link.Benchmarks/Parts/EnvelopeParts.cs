using BenchmarkDotNet.Attributes;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;

namespace Link.Benchmarks.Parts;

/// <summary>What makes JSON text out of a JSON string and back, and finds the members of an envelope.</summary>
public class EnvelopeParts
{
    private readonly PooledBuffer _output = new();
    private byte[] _text = [];
    private byte[] _escaped = [];
    private byte[] _target = [];

    /// <summary>Bytes of the payload.</summary>
    [Params(Payloads.SmallBytes, Payloads.MediumBytes)]
    public int Bytes { get; set; }

    /// <summary>Makes the texts.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var payload = Bytes == Payloads.SmallBytes ? Payloads.Small : Payloads.Medium;
        _text = [.. """{"id":"0a1b2c3d4e5f6g","sentBy":"client","data":"""u8, .. payload.Utf8.Span, (byte)'}'];
        JsonText.Escape(_text, _output);
        _escaped = [.. _output.WrittenSpan, (byte)'"'];
        _target = new byte[_escaped.Length];
    }

    /// <summary>JSON text to the content of a JSON string.</summary>
    [Benchmark]
    public int Escape()
    {
        _output.Truncate(0);
        JsonText.Escape(_text, _output);
        return _output.Length;
    }

    /// <summary>The content of a JSON string to JSON text.</summary>
    [Benchmark]
    public int Unescape() => JsonText.TryUnescape(_escaped, _target, out _, out var written) ? written : -1;

    /// <summary>Walks over the members of an envelope.</summary>
    [Benchmark]
    public int FindMembers()
    {
        var count = 0;
        var members = new JsonMembers(_text, extraDepth: 1);
        for (members.TryEnter(); members.Next();)
        {
            count += members.NameIs("data"u8) ? 1 : 0;
        }

        return count;
    }
}
