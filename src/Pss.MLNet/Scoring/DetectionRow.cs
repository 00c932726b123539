using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Scoring;

/// <summary>A row with its detections, scored when the first of their columns is read.</summary>
internal sealed class DetectionRow : DataViewRow
{
    private readonly DetectionMapper mapper;
    private readonly DataViewRow input;
    private readonly HashSet<int> active;
    private readonly PssDetectionTransformer transformer;
    private readonly ImageReader? images;
    private IReadOnlyList<Detection> detections = [];
    private MLImage? slot;
    private long scored = long.MinValue;

    public DetectionRow(PssDetectionTransformer transformer, DetectionMapper mapper, DataViewRow input, DataViewSchema.Column[] columns)
    {
        (this.transformer, this.mapper, this.input) = (transformer, mapper, input);
        active = [.. columns.Select(column => column.Index)];
        if (mapper.Detects(columns))
            images = ImageReader.Create(input, mapper.Image, new(input), transformer.Decoding, isAlone: false);
    }

    public override DataViewSchema Schema => mapper.OutputSchema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new InvalidOperationException($"Column '{column.Name}' was not asked for.");
        var added = column.Index - mapper.InputSchema.Count;
        return added < 0
            ? input.GetGetter<TValue>(mapper.InputSchema[column.Index])
            : DetectionColumns.Getter(added, Detections) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type} and cannot be read as {typeof(TValue)}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }

    private IReadOnlyList<Detection> Detections()
    {
        if (scored != Position)
        {
            detections = images!.Read(ref slot) is { } image ? transformer.Detector.Detect(image) : [];
            scored = Position;
        }
        return detections;
    }
}
