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
    private readonly PssDetectionTransformer transformer;
    private readonly DataViewRowCursor input;
    private readonly DetectionMapper mapper;
    private readonly int batchSize;
    private readonly HashSet<int> active;
    private readonly (int Index, PassThroughColumn Column)[] passing;
    private readonly int imageStore;
    private readonly ImageReader images;
    private readonly ValueGetter<DataViewRowId> id;
    private readonly Queue<Task<RowBatch>> prepared = new();
    private Task<RowBatch>? reading;
    private RowBatch batch;
    private MLImage? slot;
    private int row = -1;
    private long position = -1;
    private volatile bool closed;

    public DetectionCursor(PssDetectionTransformer transformer, DataViewRowCursor input, DetectionMapper mapper, DataViewSchema.Column[] columns, int batchSize)
    {
        (this.transformer, this.input, this.mapper, this.batchSize) = (transformer, input, mapper, batchSize);
        active = [.. columns.Select(column => column.Index)];
        passing = [.. mapper.InputSchema.Where(column => active.Contains(column.Index)).Select(column => (column.Index, PassThroughColumn.Create(input, column)))];
        imageStore = mapper.Image.Type is TextDataViewType ? -1 : Array.FindIndex(passing, column => column.Index == mapper.Image.Index);
        images = ImageReader.Create(input, mapper.Image, new(input), transformer.Decoding, isAlone: imageStore < 0);
        id = input.GetIdGetter();
        batch = new RowBatch(0, []);
    }

    public override DataViewSchema Schema => mapper.OutputSchema;

    public override long Position => position;

    public override long Batch => 0;

    public override bool MoveNext()
    {
        if (closed)
            return false;
        if (++row >= batch.Count && !NextBatch())
        {
            position = -1;
            return false;
        }
        position++;
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = batch.Ids[row];

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new InvalidOperationException($"Column '{column.Name}' was not asked for.");
        var added = column.Index - mapper.InputSchema.Count;
        var getter = added >= 0 ? DetectionColumns.Getter(added, () => batch.Detections(transformer.Detector, row)) as ValueGetter<TValue> : Passing<TValue>(column);
        return getter ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type} and cannot be read as {typeof(TValue)}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !closed)
        {
            closed = true;
            // What is still at work is waited for; its failure concerns nobody any more.
            Task.WhenAll(prepared.Append(reading ?? Task.FromResult(batch))).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            input.Dispose();
        }
        base.Dispose(disposing);
    }

    private ValueGetter<TValue>? Passing<TValue>(DataViewSchema.Column column)
    {
        var at = Array.FindIndex(passing, item => item.Index == column.Index);
        return passing[at].Column is PassingColumn<TValue> typed ? (ref TValue value) => typed.Serve(((TValue[])batch.Stores[at])[row], ref value) : null;
    }

    private bool NextBatch()
    {
        if (reading is null)
            for (var i = 0; i < Ahead; i++)
                ReadOn();
        batch = prepared.Dequeue().GetAwaiter().GetResult();
        ReadOn();
        row = 0;
        if (batch.Count > 0)
            return true;
        closed = true;
        input.Dispose();
        return false;
    }

    /// <summary>Queues one more batch behind those that are being read.</summary>
    private void ReadOn()
    {
        reading = reading is null ? Task.Run(() => Read(true)) : Then(reading, before => Read(before.IsFull));
        prepared.Enqueue(Then(reading, read => read.Prepare(transformer.Detector)));

        static async Task<RowBatch> Then(Task<RowBatch> task, Func<RowBatch, RowBatch> next)
        {
            var result = await task.ConfigureAwait(false);
            return await Task.Run(() => next(result)).ConfigureAwait(false);
        }
    }

    private RowBatch Read(bool more)
    {
        var read = new RowBatch(batchSize, Array.ConvertAll(passing, item => item.Column.NewStore(batchSize)));
        while (more && !closed && !read.IsFull && input.MoveNext())
        {
            for (var i = 0; i < passing.Length; i++)
                if (i != imageStore)
                    passing[i].Column.Read(read.Stores[i], read.Count);
            id(ref read.Ids[read.Count]);
            read.Add(imageStore < 0 ? images.Read(ref slot) : images.Read(ref ((MLImage?[])read.Stores[imageStore])[read.Count]));
        }
        return read;
    }
}
