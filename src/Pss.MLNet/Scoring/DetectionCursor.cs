using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Scoring;

/// <summary>
/// Scores rows in batches. While the device runs one batch and the cursor moves over its rows, worker threads read and decode the rows of the next
/// three batches and resize their images. One thread at a time reads the input; it is disposed after the last read.
/// </summary>
internal sealed class DetectionCursor : DataViewRowCursor
{
    private const int BatchesAhead = 3;
    private readonly PssDetectionTransformer _transformer;
    private readonly DataViewRowCursor _input;
    private readonly DetectionMapper _mapper;
    private readonly int _batchSize;
    private readonly HashSet<int> _active;
    private readonly (int Index, PassThroughColumn Column)[] _passThrough;
    private readonly int _imageColumn;
    private readonly ImageReader _imageReader;
    private readonly ValueGetter<DataViewRowId> _id;
    private readonly Queue<Task<RowBatch>> _prepared = new();
    private Task<RowBatch>? _reading;
    private RowBatch _batch;
    private MLImage? _slot;
    private int _row = -1;
    private long _position = -1;
    private volatile bool _closed;

    public DetectionCursor(PssDetectionTransformer transformer, DataViewRowCursor input, DetectionMapper mapper, DataViewSchema.Column[] columns, int batchSize)
    {
        (_transformer, _input, _mapper, _batchSize) = (transformer, input, mapper, batchSize);
        _active = [.. columns.Select(column => column.Index)];
        _passThrough = [.. mapper.InputSchema.Where(column => _active.Contains(column.Index)).Select(column => (column.Index, PassThroughColumn.Create(input, column)))];
        _imageColumn = mapper.Image.Type is TextDataViewType ? -1 : Array.FindIndex(_passThrough, column => column.Index == mapper.Image.Index);
        _imageReader = ImageReader.Create(input, mapper.Image, new(input), transformer.Decoding, mayReduce: _imageColumn < 0);
        _id = input.GetIdGetter();
        _batch = new RowBatch(0, []);
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _position;

    public override long Batch => 0;

    public override bool MoveNext()
    {
        if (_closed)
            return false;
        if (++_row >= _batch.Count && !NextBatch())
        {
            _position = -1;
            return false;
        }
        _position++;
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _batch.Ids[_row];

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new InvalidOperationException($"Column '{column.Name}' is not active.");
        var output = column.Index - _mapper.InputSchema.Count;
        var getter = output >= 0 ? DetectionColumns.Getter(output, () => _batch.Detections(_row)) as ValueGetter<TValue> : PassThrough<TValue>(column);
        return getter ?? throw new InvalidOperationException($"Column '{column.Name}' has type {column.Type} and cannot be read as {typeof(TValue)}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            // Pending reads are awaited; their exceptions are ignored.
            Task.WhenAll(_prepared.Append(_reading ?? Task.FromResult(_batch))).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            _input.Dispose();
        }
        base.Dispose(disposing);
    }

    private ValueGetter<TValue>? PassThrough<TValue>(DataViewSchema.Column column)
    {
        var at = Array.FindIndex(_passThrough, item => item.Index == column.Index);
        return _passThrough[at].Column is PassThroughColumn<TValue> typed ? (ref TValue value) => typed.CopyTo(((TValue[])_batch.Columns[at])[_row], ref value) : null;
    }

    private bool NextBatch()
    {
        if (_reading is null)
            for (var i = 0; i < BatchesAhead; i++)
                EnqueueBatch();
        _batch = _prepared.Dequeue().GetAwaiter().GetResult();
        EnqueueBatch();
        _row = 0;
        if (_batch.Count > 0)
            return true;
        _closed = true;
        _input.Dispose();
        return false;
    }

    /// <summary>Starts to read one more batch after those that are being read.</summary>
    private void EnqueueBatch()
    {
        _reading = _reading is null ? Task.Run(() => Read(hasMore: true)) : Then(_reading, previous => Read(previous.IsFull));
        _prepared.Enqueue(Then(_reading, batch => batch.Prepare(_transformer.Detector)));

        static async Task<RowBatch> Then(Task<RowBatch> task, Func<RowBatch, RowBatch> next)
        {
            var result = await task.ConfigureAwait(false);
            return await Task.Run(() => next(result)).ConfigureAwait(false);
        }
    }

    private RowBatch Read(bool hasMore)
    {
        var batch = new RowBatch(_batchSize, Array.ConvertAll(_passThrough, item => item.Column.CreateBuffer(_batchSize)));
        while (hasMore && !_closed && !batch.IsFull && _input.MoveNext())
        {
            for (var i = 0; i < _passThrough.Length; i++)
                if (i != _imageColumn)
                    _passThrough[i].Column.Read(batch.Columns[i], batch.Count);
            _id(ref batch.Ids[batch.Count]);
            batch.Add(_imageColumn < 0 ? _imageReader.Read(ref _slot) : _imageReader.Read(ref ((MLImage?[])batch.Columns[_imageColumn])[batch.Count]));
        }
        return batch;
    }
}
