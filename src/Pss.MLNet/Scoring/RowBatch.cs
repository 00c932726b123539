using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;

namespace Pss.MLNet.Scoring;

/// <summary>Rows that are scored together.</summary>
internal sealed class RowBatch(int size, Array[] stores)
{
    private readonly List<RgbImage> images = [];
    private readonly List<int> rowOfImage = [];
    private DetectorInput? input;
    private IReadOnlyList<Detection>[]? detections;

    public int Count { get; private set; }

    public bool IsFull => Count == size;

    public DataViewRowId[] Ids { get; } = new DataViewRowId[size];

    /// <summary>Values of the columns that pass through.</summary>
    public Array[] Stores { get; } = stores;

    /// <summary>Ends a row, with its image or none.</summary>
    public void Add(RgbImage? image)
    {
        if (image is not null)
        {
            images.Add(image);
            rowOfImage.Add(Count);
        }
        Count++;
    }

    /// <summary>Scales and packs the images, on the host.</summary>
    public RowBatch Prepare(Detector detector)
    {
        if (images.Count > 0)
            input = detector.Prepare(images);
        images.Clear();
        return this;
    }

    /// <summary>The detections of a row; the first call runs the network.</summary>
    public IReadOnlyList<Detection> Detections(Detector detector, int row)
    {
        if (detections is null)
        {
            var found = input is null ? [] : detector.Detect(input);
            detections = new IReadOnlyList<Detection>[Count];
            Array.Fill(detections, []);
            for (var i = 0; i < found.Count; i++)
                detections[rowOfImage[i]] = found[i];
            input = null;
        }
        return detections[row];
    }
}
