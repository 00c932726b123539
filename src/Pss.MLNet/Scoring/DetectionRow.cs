using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Scoring;

/// <summary>A row with its detections; it is scored when one of their columns is first read.</summary>
internal sealed class DetectionRow : DataViewRow
{
    private readonly DetectionMapper _mapper;
    private readonly DataViewRow _input;
    private readonly HashSet<int> _active;
    private readonly PssDetectionTransformer _transformer;
    private readonly ImageReader? _images;
    private IReadOnlyList<Detection> _detections = [];
    private MLImage? _slot;
    private long _scoredPosition = long.MinValue;

    public DetectionRow(PssDetectionTransformer transformer, DetectionMapper mapper, DataViewRow input, DataViewSchema.Column[] columns)
    {
        (_transformer, _mapper, _input) = (transformer, mapper, input);
        _active = [.. columns.Select(column => column.Index)];
        if (mapper.RequiresDetection(columns))
            _images = ImageReader.Create(input, mapper.Image, new(input), transformer.Decoding, mayReduce: false);
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new InvalidOperationException($"Column '{column.Name}' is not active.");
        var output = column.Index - _mapper.InputSchema.Count;
        return output < 0
            ? _input.GetGetter<TValue>(_mapper.InputSchema[column.Index])
            : DetectionColumns.Getter(output, Detections) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' has type {column.Type} and cannot be read as {typeof(TValue)}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _input.Dispose();
        base.Dispose(disposing);
    }

    private IReadOnlyList<Detection> Detections()
    {
        if (_scoredPosition != Position)
        {
            _detections = _images!.Read(ref _slot) is { } image ? _transformer.Detector.Detect(image) : [];
            _scoredPosition = Position;
        }
        return _detections;
    }
}
