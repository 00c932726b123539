using Pss.Engine.Boxes;
using Pss.Engine.Data;
using Pss.Engine.Detectors;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Inference;

/// <summary>
/// From dense outputs to detections in pixels of the network's input: N images, L locations, C classes, K candidates.
/// One copy from the device per batch; only the boxes of candidates are decoded.
/// </summary>
internal sealed class PostProcessor
{
    // x1, y1, x2, y2, score, label, location, image: whole numbers of this size are exact in float32, so that one copy suffices.
    private const int Columns = 8;
    private readonly DenseDetector _detector;
    private readonly PostProcessingOptions _options;
    private readonly DetectionMode _mode;

    /// <summary>Makes a post-processor for a detector.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="options">How to post-process; checked.</param>
    /// <exception cref="ArgumentException">End to end is asked of a detector that needs NMS.</exception>
    public PostProcessor(DenseDetector detector, PostProcessingOptions options)
    {
        options.Validate();
        (_detector, _options) = (detector, options);
        _mode = ModeOf(detector.Options, options);
    }

    /// <summary>The branch that options ask for: by default the end-to-end one where there is one.</summary>
    /// <exception cref="ArgumentException">End to end is asked of a detector that needs NMS.</exception>
    public static DetectionMode ModeOf(DetectorOptions detector, PostProcessingOptions options)
    {
        var mode = options.Mode ?? (detector.IsEndToEnd ? DetectionMode.EndToEnd : DetectionMode.OneToMany);
        if (mode == DetectionMode.EndToEnd && !detector.IsEndToEnd)
            throw new ArgumentException("The detector has no positive sample selector: use the one-to-many mode, or train a selector.", nameof(options));
        return mode;
    }

    /// <summary>The detections of each image, best first, in pixels of the network's input.</summary>
    /// <param name="outputs">The network outputs of the batch.</param>
    /// <param name="imageSizes">Width and height of each image inside the padded input, to which boxes are clipped.</param>
    public Detection[][] Process(HeadOutputs outputs, IReadOnlyList<(int Width, int Height)> imageSizes)
    {
        using var scope = NewDisposeScope();
        return Process(outputs, _detector.Points(outputs.Levels, outputs.ClassLogits.device), imageSizes);
    }

    /// <summary>The same for locations of the caller's.</summary>
    /// <param name="outputs">The network outputs of the batch.</param>
    /// <param name="grid">The locations.</param>
    /// <param name="imageSizes">Width and height of each image inside the padded input, to which boxes are clipped.</param>
    public Detection[][] Process(HeadOutputs outputs, AnchorPoints grid, IReadOnlyList<(int Width, int Height)> imageSizes)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Array.ConvertAll(Select(outputs, grid, imageSizes), image => Array.ConvertAll(image, found => found.Detection));
    }

    /// <summary>The detections of each image, best first, in its own pixels; with masks from a detector that predicts them.</summary>
    /// <param name="outputs">The network outputs of the batch.</param>
    /// <param name="input">The images that went in.</param>
    public IReadOnlyList<IReadOnlyList<Detection>> Process(HeadOutputs outputs, DetectorInput input)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var grid = _detector.Points(outputs.Levels, outputs.ClassLogits.device);
        var selected = Select(outputs, grid, input.ImageSizes);
        var detections = input.ToOriginal(Array.ConvertAll(selected, image => Array.ConvertAll(image, found => found.Detection)));
        return outputs.MaskParameters is null || !_options.Masks ? detections
            : MaskPrediction.Add(outputs.ToFloat32(), grid, detections, Array.ConvertAll(selected, image => Array.ConvertAll(image, found => found.Location)), input.Geometries);
    }

    private LocatedDetection[][] Select(HeadOutputs outputs, AnchorPoints grid, IReadOnlyList<(int Width, int Height)> imageSizes) =>
        _mode == DetectionMode.EndToEnd ? EndToEnd(outputs, grid, imageSizes) : OneToMany(outputs.ToFloat32(), grid, imageSizes);

    /// <summary>The best locations and classes by the fused score (equation 4), of its local maxima where the options say so.</summary>
    private LocatedDetection[][] EndToEnd(HeadOutputs outputs, AnchorPoints grid, IReadOnlyList<(int Width, int Height)> imageSizes)
    {
        var factors = _detector.Score(outputs, withSelector: true);
        var (best, index) = _detector.Options.Selector is { LocalMaxima: true }
            ? BestPairs(LocalMaxima.Of(FusedScore.Probability(factors.Map(logits => logits.ToFloat32(), logits => logits.ToFloat32())), outputs.Levels))
            : BestPairs(factors);
        var perImage = (int)index.shape[1];
        var image = Tensor.Indices(index.shape[0], index.device).repeat_interleave(perImage);
        var rows = Rows(outputs, grid, image, index.flatten(), best.flatten(), imageSizes).ToHost<float>();

        var detections = new LocatedDetection[imageSizes.Count][];
        for (var i = 0; i < detections.Length; i++)
        {
            // Sorted by score: those above the threshold come first.
            var found = new List<LocatedDetection>(perImage);
            for (var row = i * perImage; row < (i + 1) * perImage && rows[row * Columns + 4] >= _options.ScoreThreshold; row++)
                found.Add(DetectionAt(rows, row));
            detections[i] = [.. found];
        }
        return detections;
    }

    /// <summary>
    /// Scores and flat indices into locations x classes of the largest fused scores, [N, K]. They lie in the K locations of the largest scores in any class: only
    /// those are scored in all classes.
    /// </summary>
    private (Tensor Score, Tensor Index) BestPairs(ScoreFactors<Tensor> factors)
    {
        var (locations, classes) = (factors.PerClass.shape[1], factors.PerClass.shape[2]);
        var best = FusedScore.Probability(factors.Map(logits => logits.ToFloat32(), logits => logits.amax([2], keepdim: true).ToFloat32()));
        var (_, location) = best.squeeze(-1).topk((int)Math.Min(_options.MaxDetections, locations), 1);
        var ofBest = factors.Map(logits => logits.gather(1, location).ToFloat32(), logits => logits.gather(1, location.unsqueeze(-1).expand(-1, -1, classes)).ToFloat32());
        var (score, pair) = BestPairs(FusedScore.Probability(ofBest));
        var rank = pair.FloorOver(classes);
        return (score, location.gather(1, rank).Times(classes).Plus(pair - rank.Times(classes)));
    }

    /// <summary>The same of scores [N, L, C].</summary>
    private (Tensor Score, Tensor Index) BestPairs(Tensor scores) => scores.flatten(1).topk((int)Math.Min(_options.MaxDetections, scores.shape[1] * scores.shape[2]), 1);

    /// <summary>The base detector: the best candidates of each level, NMS within each class, the best of what is left.</summary>
    private LocatedDetection[][] OneToMany(HeadOutputs outputs, AnchorPoints grid, IReadOnlyList<(int Width, int Height)> imageSizes)
    {
        var (index, score) = Candidates(outputs);
        var passed = score.IsAtLeast(0).nonzero();
        var place = passed.select(1, 0).Times(score.shape[1]).Plus(passed.select(1, 1));
        var rows = Rows(outputs, grid, passed.select(1, 0), index.flatten().index_select(0, place), score.flatten().index_select(0, place), imageSizes).ToHost<float>();

        var detections = new LocatedDetection[imageSizes.Count][];
        var end = 0;
        for (var i = 0; i < detections.Length; i++)
        {
            var first = end;
            while (end < rows.Length / Columns && (int)rows[end * Columns + Columns - 1] == i)
                end++;
            detections[i] = Suppress(rows, first, end - first);
        }
        return detections;
    }

    /// <summary>What NMS leaves of an image's candidates, which are rows behind each other.</summary>
    private LocatedDetection[] Suppress(float[] rows, int first, int count)
    {
        var (boxes, scores, labels) = (new float[4 * count], new float[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            var row = rows.AsSpan((first + i) * Columns, Columns);
            row[..4].CopyTo(boxes.AsSpan(4 * i));
            (scores[i], labels[i]) = (row[4], (int)row[5]);
        }
        return [.. HardNms.Keep(boxes, scores, labels, _options.NmsThreshold, _options.MaxDetections)
            .Where(i => scores[i] >= _options.ScoreThreshold).Select(i => DetectionAt(rows, first + i))];
    }

    /// <summary>Flat indices into locations x classes and scores of the candidates of all levels, [N, K]; a score of -1 marks what the threshold drops.</summary>
    private (Tensor Index, Tensor Score) Candidates(HeadOutputs outputs)
    {
        var classes = outputs.ClassLogits.shape[2];
        var factors = _detector.Score(outputs, withSelector: false);
        var score = FusedScore.Probability(factors);
        var gate = factors.PerClass.sigmoid();
        if (_options.GeometricMean)
            gate = score = score.sqrt();
        var passing = score.Masked(gate.IsAbove(_options.CandidateThreshold).logical_not(), -1);

        var indices = new List<Tensor>();
        var scores = new List<Tensor>();
        var first = 0L;
        foreach (var level in outputs.Levels)
        {
            var (best, index) = !_options.GeometricMean
                ? BestLocations(score.narrow(1, first, level.Count), passing.narrow(1, first, level.Count))
                : BestEntries(passing.narrow(1, first, level.Count));
            indices.Add(index.Plus(first * classes));
            scores.Add(best);
            first += level.Count;
        }
        return (cat(indices, 1), cat(scores, 1));
    }

    /// <summary>Every class of the locations with the largest score in any class.</summary>
    private (Tensor Score, Tensor Index) BestLocations(Tensor score, Tensor passing)
    {
        var classes = score.shape[2];
        var (_, location) = score.amax([2]).topk((int)Math.Min(_options.CandidatesPerLevel, score.shape[1]), 1);
        var index = location.unsqueeze(-1).Times(classes).Plus(Tensor.Indices(classes, score.device));
        var flat = index.flatten(1);
        return (passing.flatten(1).gather(1, flat), flat);
    }

    /// <summary>The location and class pairs with the largest score.</summary>
    private (Tensor Score, Tensor Index) BestEntries(Tensor passing)
    {
        var flat = passing.flatten(1);
        var (score, index) = flat.topk((int)Math.Min(_options.CandidatesPerLevel, flat.shape[1]), 1);
        return (score, index);
    }

    /// <summary>The columns of candidates, [M, 8], their boxes decoded and clipped to their image.</summary>
    /// <param name="outputs">The network outputs.</param>
    /// <param name="grid">The locations.</param>
    /// <param name="image">The image of each candidate, [M].</param>
    /// <param name="index">Its flat index into locations x classes, [M].</param>
    /// <param name="score">Its score, [M].</param>
    /// <param name="imageSizes">Width and height of each image.</param>
    private Tensor Rows(HeadOutputs outputs, AnchorPoints grid, Tensor image, Tensor index, Tensor score, IReadOnlyList<(int Width, int Height)> imageSizes)
    {
        var (locations, classes) = (outputs.ClassLogits.shape[1], outputs.ClassLogits.shape[2]);
        var location = index.FloorOver(classes);
        var label = index - location.Times(classes);
        var regression = outputs.Boxes.flatten(0, 1).index_select(0, image.Times(locations).Plus(location)).ToFloat32();
        var boxes = _detector.Coder.Decode(regression, grid.Points.index_select(0, location), grid.Strides.index_select(0, location));
        var limits = tensor(imageSizes.SelectMany(size => new float[] { size.Width, size.Height, size.Width, size.Height }).ToArray(), [imageSizes.Count, 4])
            .to(boxes.device).index_select(0, image);
        var others = stack([score, label.to(score.dtype), location.to(score.dtype), image.to(score.dtype)], -1);
        return cat([minimum(boxes.AtLeast(0), limits), others], -1);
    }

    /// <summary>The post-processing as operators, for inputs of one size or up to a size.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">The network outputs.</param>
    /// <param name="limits">What boxes are clipped to, [N or 1, 1, 4].</param>
    /// <param name="size">The size of the input.</param>
    public DetectionValues Export(OnnxGraph graph, HeadValues outputs, OnnxValue limits, InputSize size) =>
        new PostProcessingGraph(graph, _detector, _options, _mode, size).Add(outputs, limits);

    private static LocatedDetection DetectionAt(float[] rows, int row)
    {
        var at = row * Columns;
        return new(new(rows[at], rows[at + 1], rows[at + 2], rows[at + 3], rows[at + 4], (int)rows[at + 5]), (long)rows[at + 6]);
    }
}
