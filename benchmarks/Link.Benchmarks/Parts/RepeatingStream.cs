namespace Link.Benchmarks.Parts;

/// <summary>Gives the same bytes again and again, without end.</summary>
internal sealed class RepeatingStream(byte[] bytes) : MemoryStream
{
    private int _position;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = Math.Min(buffer.Length, bytes.Length - _position);
        bytes.AsMemory(_position, count).CopyTo(buffer);
        _position = (_position + count) % bytes.Length;
        return new ValueTask<int>(count);
    }
}
