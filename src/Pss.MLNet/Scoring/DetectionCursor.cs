using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Scoring;

/// <summary>
/// Scores rows in batches. While the device works on one batch and its rows are served, worker threads read and decode the rows of the next three
/// and scale their images. The input is read by one thread at a time and closed when no thread reads it any more.
/// </summary>
internal sealed class DetectionCursor : DataViewRowCursor
{
    private const int Ahead = 3;
    private readonly PssDetectionTransformer _transformer;
    private readonly DataViewRowCursor _input;
    private readonly DetectionMapper _mapper;
    private readonly int _batchSize;
    private readonly HashSet<int> _active;
    private readonly (int Index, PassThroughColumn Column)[] _passing;
    private readonly int _imageStore;
    private readonly ImageReader _images;
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
        _passing = [.. mapper.InputSchema.Where(column => _active.Contains(column.Index)).Select(column => (column.Index, PassThroughColumn.Create(input, column)))];
        _imageStore = mapper.Image.Type is TextDataViewType ? -1 : Array.FindIndex(_passing, column => column.Index == mapper.Image.Index);
        _images = ImageReader.Create(input, mapper.Image, new(input), transformer.Decoding, isAlone: _imageStore < 0);
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
            throw new InvalidOperationException($"Column '{column.Name}' was not asked for.");
        var added = column.Index - _mapper.InputSchema.Count;
        var getter = added >= 0 ? DetectionColumns.Getter(added, () => _batch.Detections(_transformer.Detector, _row)) as ValueGetter<TValue> : Passing<TValue>(column);
        return getter ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type} and cannot be read as {typeof(TValue)}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            // What is still at work is waited for; its failure concerns nobody any more.
            Task.WhenAll(_prepared.Append(_reading ?? Task.FromResult(_batch))).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            _input.Dispose();
        }
        base.Dispose(disposing);
    }

    private ValueGetter<TValue>? Passing<TValue>(DataViewSchema.Column column)
    {
        var at = Array.FindIndex(_passing, item => item.Index == column.Index);
        return _passing[at].Column is PassingColumn<TValue> typed ? (ref TValue value) => typed.Serve(((TValue[])_batch.Stores[at])[_row], ref value) : null;
    }

    private bool NextBatch()
    {
        if (_reading is null)
            for (var i = 0; i < Ahead; i++)
                ReadOn();
        _batch = _prepared.Dequeue().GetAwaiter().GetResult();
        ReadOn();
        _row = 0;
        if (_batch.Count > 0)
            return true;
        _closed = true;
        _input.Dispose();
        return false;
    }

    /// <summary>Queues one more batch behind those that are being read.</summary>
    private void ReadOn()
    {
        _reading = _reading is null ? Task.Run(() => Read(true)) : Then(_reading, before => Read(before.IsFull));
        _prepared.Enqueue(Then(_reading, read => read.Prepare(_transformer.Detector)));

        static async Task<RowBatch> Then(Task<RowBatch> task, Func<RowBatch, RowBatch> next)
        {
            var result = await task.ConfigureAwait(false);
            return await Task.Run(() => next(result)).ConfigureAwait(false);
        }
    }

    private RowBatch Read(bool more)
    {
        var read = new RowBatch(_batchSize, Array.ConvertAll(_passing, item => item.Column.NewStore(_batchSize)));
        while (more && !_closed && !read.IsFull && _input.MoveNext())
        {
            for (var i = 0; i < _passing.Length; i++)
                if (i != _imageStore)
                    _passing[i].Column.Read(read.Stores[i], read.Count);
            _id(ref read.Ids[read.Count]);
            read.Add(_imageStore < 0 ? _images.Read(ref _slot) : _images.Read(ref ((MLImage?[])read.Stores[_imageStore])[read.Count]));
        }
        return read;
    }
}
