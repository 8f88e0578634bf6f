using System.Text;

namespace Link.Tests.Flic;

/// <summary>Keeps what is written to it, and when.</summary>
internal sealed class PacedRecorder(TimeProvider time) : Stream
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Each write and its time, in order.</summary>
    public List<(TimeSpan At, byte[] Bytes)> Writes { get; } = [];

    /// <summary>The writes as text.</summary>
    public IEnumerable<string> Texts => Writes.Select(each => Encoding.UTF8.GetString(each.Bytes));

    /// <summary>Whether it keeps nothing.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Whether it has been closed.</summary>
    public bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsDeaf)
        {
            Writes.Add((time.GetElapsedTime(_start), buffer.ToArray()));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => IsDisposed = true;
}
