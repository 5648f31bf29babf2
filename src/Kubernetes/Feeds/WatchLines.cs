using System.Buffers;
using System.IO.Pipelines;

namespace NangoOrleans.Kubernetes;

/// <summary>Splits the body of a watch into lines. A last line without its line break was cut off and is not delivered.</summary>
internal sealed class WatchLines : IAsyncDisposable
{
    /// <summary>Far above the largest object etcd takes; only bounds what a broken proxy can make us hold.</summary>
    private const long LineLimit = 64 * 1024 * 1024;

    private static readonly StreamPipeReaderOptions Options = new(bufferSize: 32 * 1024);

    private readonly PipeReader _pipe;
    private ReadOnlySequence<byte> _buffer;
    private bool _held, _ended;

    public WatchLines(Stream stream) => _pipe = PipeReader.Create(stream, Options);

    /// <summary>Waits for bytes.</summary>
    /// <returns>False at the end of the stream.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (_held) _pipe.AdvanceTo(_buffer.Start, _buffer.End);
        _held = false;
        if (_ended) return false;
        var result = await _pipe.ReadAsync(cancellationToken);
        _buffer = result.Buffer;
        _held = true;
        _ended = result.IsCompleted;
        if (_buffer.Length > LineLimit) throw new System.Text.Json.JsonException("The line has no end.");
        return true;
    }

    /// <summary>Takes the next whole line out of what has been read.</summary>
    public bool TryTake(out ReadOnlySequence<byte> line)
    {
        if (_buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = _buffer.Slice(0, end);
        _buffer = _buffer.Slice(_buffer.GetPosition(1, end));
        return true;
    }

    public ValueTask DisposeAsync() => _pipe.CompleteAsync();
}
