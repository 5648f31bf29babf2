using System.Buffers;

namespace NangoOrleans.Kubernetes;

/// <summary>A response body in a pooled buffer. The buffer is wiped on return, because bodies may hold Secrets.</summary>
internal sealed class PooledBody : IDisposable
{
    private byte[] _buffer;

    private PooledBody(byte[] buffer) => _buffer = buffer;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    /// <summary>Reads until the end, or until <paramref name="limit"/> bytes when a longer body is of no use (errors).</summary>
    /// <exception cref="InvalidDataException">The body is longer than <paramref name="limit"/> and <paramref name="truncate"/> is false.</exception>
    public static async Task<PooledBody> ReadAsync(Stream stream, int sizeHint, int limit, bool truncate, CancellationToken cancellationToken)
    {
        var body = new PooledBody(ArrayPool<byte>.Shared.Rent(Math.Clamp(sizeHint, 4096, limit)));
        try
        {
            while (true)
            {
                if (body.Length == body._buffer.Length) body.Grow(limit);
                var read = await stream.ReadAsync(body._buffer.AsMemory(body.Length), cancellationToken);
                if (read == 0) return body;
                body.Length += read;
                if (body.Length < limit) continue;
                if (truncate) return body;
                throw new InvalidDataException($"The answer is longer than {limit} bytes.");
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length == 0) return;
        Return(_buffer, Length);
        _buffer = [];
        Length = 0;
    }

    private void Grow(int limit)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_buffer.Length * 2, Math.Max(limit, _buffer.Length + 1)));
        Span.CopyTo(larger);
        Return(_buffer, Length);
        _buffer = larger;
    }

    private static void Return(byte[] buffer, int used)
    {
        buffer.AsSpan(0, used).Clear();
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
