using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;

namespace Pss.MLNet.Scoring;

/// <summary>Rows that are scored in one forward pass.</summary>
internal sealed class RowBatch(int size, Array[] columns)
{
    private readonly List<RgbImage> _images = [];
    private readonly List<int> _rowOfImage = [];
    private Func<IReadOnlyList<IReadOnlyList<Detection>>>? _detect;
    private IReadOnlyList<Detection>[]? _detections;

    public int Count { get; private set; }

    public bool IsFull => Count == size;

    public DataViewRowId[] Ids { get; } = new DataViewRowId[size];

    /// <summary>Values of the pass-through columns, one array of <c>size</c> values per column.</summary>
    public Array[] Columns { get; } = columns;

    /// <summary>Completes a row; null if it has no image.</summary>
    public void Add(RgbImage? image)
    {
        if (image is not null)
        {
            _images.Add(image);
            _rowOfImage.Add(Count);
        }
        Count++;
    }

    /// <summary>Resizes the images and copies them to one padded batch, on the CPU.</summary>
    public RowBatch Prepare(Detector detector)
    {
        if (_images.Count > 0)
            _detect = detector.Prepare(_images);
        _images.Clear();
        return this;
    }

    /// <summary>The detections of a row; the first call runs the network on the batch.</summary>
    public IReadOnlyList<Detection> Detections(int row)
    {
        if (_detections is null)
        {
            var detections = _detect?.Invoke() ?? [];
            _detections = new IReadOnlyList<Detection>[Count];
            Array.Fill(_detections, []);
            for (var i = 0; i < detections.Count; i++)
                _detections[_rowOfImage[i]] = detections[i];
            _detect = null;
        }
        return _detections[row];
    }
}
