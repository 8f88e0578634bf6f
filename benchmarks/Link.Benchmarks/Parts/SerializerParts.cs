using BenchmarkDotNet.Attributes;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Newtonsoft.Json.Linq;

namespace Link.Benchmarks.Parts;

/// <summary>What turns a small value into JSON and back.</summary>
public class SerializerParts
{
    private readonly PooledBuffer _output = new();
    private readonly Peers.Question _question = new() { Content = Payloads.SmallContent };
    private readonly JObject _token = new() { ["content"] = Payloads.SmallContent };

    /// <summary>A record, by System.Text.Json.</summary>
    [Benchmark]
    public int WriteTyped() => Write(SystemTextJsonSerializer.Default, _question);

    /// <summary>A token, by Newtonsoft.Json.</summary>
    [Benchmark]
    public int WriteToken() => Write(NewtonsoftSerializer.Default, _token);

    /// <summary>A record, by System.Text.Json.</summary>
    [Benchmark]
    public object? ReadTyped() => Payloads.Small.As<Peers.Question>(SystemTextJsonSerializer.Default);

    /// <summary>A token, by Newtonsoft.Json.</summary>
    [Benchmark]
    public object ReadToken() => Payloads.Small.AsToken();

    private int Write(IPayloadSerializer serializer, object value)
    {
        _output.Truncate(0);
        serializer.Serialize(_output, value);
        return _output.Length;
    }
}
