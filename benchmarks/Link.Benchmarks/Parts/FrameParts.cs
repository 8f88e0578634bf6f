using BenchmarkDotNet.Attributes;
using Link.Abstractions;
using Link.Streams;

namespace Link.Benchmarks.Parts;

/// <summary>What cuts bytes into frames and joins frames into writes, without a socket.</summary>
public class FrameParts
{
    private const int FramesPerRead = 64;

    private static readonly FrameEncoder<byte[]> Encode = static (output, content) => output.Write(content);

    private readonly byte[] _content = new byte[160];
    private FrameChannel? _reading;
    private FrameChannel? _writing;

    /// <summary>Makes the channels.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var frames = Enumerable.Repeat<byte[]>([.. _content, 0x0c], FramesPerRead).SelectMany(frame => frame).ToArray();
        _reading = Channel(new RepeatingStream(frames));
        _writing = Channel(Stream.Null);
    }

    /// <summary>Takes one frame out of bytes received 64 frames at a time.</summary>
    [Benchmark(OperationsPerInvoke = FramesPerRead)]
    public async Task<int> Read()
    {
        var length = 0;
        for (var count = 0; count < FramesPerRead;)
        {
            if (_reading!.TryRead(out var frame))
            {
                length += frame.Length;
                count++;
            }
            else
            {
                await _reading.FillAsync();
            }
        }

        return length;
    }

    /// <summary>Adds one frame; all 64 go out in few writes.</summary>
    [Benchmark(OperationsPerInvoke = FramesPerRead)]
    public void Write()
    {
        for (var count = 0; count < FramesPerRead; count++)
        {
            _writing!.Write(_content, Encode, more: true);
        }

        _writing!.Flush();
    }

    /// <summary>Ends the channels.</summary>
    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _reading!.DisposeAsync();
        await _writing!.DisposeAsync();
    }

    private static FrameChannel Channel(Stream stream) =>
        new(stream, new DelimiterCodec(0x0c), new StreamLimits(), new Peer { Endpoint = "memory:" }, TimeProvider.System);
}
