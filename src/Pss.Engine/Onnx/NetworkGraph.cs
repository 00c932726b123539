using System.Numerics;
using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>
/// <see cref="DetectorNetwork"/> as operators: walks the same structure by the names of the state dictionary, with batch normalization
/// folded into the convolutions. The weights must be those of the options.
/// </summary>
internal sealed class NetworkGraph(OnnxGraph graph, DetectorModel model, OnnxType type)
{
    private readonly DetectorOptions _options = model.Options;
    private readonly Dictionary<string, (OnnxValue Weight, OnnxValue Bias)> _stored = [];

    /// <summary>Adds the network.</summary>
    /// <param name="images">Normalized images, [N, 3, H, W].</param>
    /// <param name="selector">Whether the positive sample selector comes along.</param>
    public NetworkOutputs Add(OnnxValue images, bool selector)
    {
        var (classes, boxes, centerness, selected) = (new List<OnnxValue>(), new List<OnnxValue>(), new List<OnnxValue>(), new List<OnnxValue>());
        var scales = model.Weights.Find("head.scales")?.ToSingles();
        foreach (var level in Pyramid(Backbone(images)))
        {
            var classFeatures = Tower(level, "head.class_tower", _options.Head.Convolutions, _options.Head.Groups);
            var boxFeatures = Tower(level, "head.box_tower", _options.Head.Convolutions, _options.Head.Groups);
            classes.Add(Conv(classFeatures, "head.class_logits"));
            centerness.Add(Conv(boxFeatures, "head.centerness"));
            var regression = Conv(boxFeatures, "head.boxes");
            if (scales is not null)
                regression = graph.Mul(regression, graph.Number(scales[boxes.Count], type));
            boxes.Add(_options.Head.BoxEncoding == BoxEncoding.Distances ? graph.Relu(regression) : regression);
            if (selector)
                selected.Add(Selector(_options.Selector!.Input == SelectorInput.Classification ? classFeatures : boxFeatures));
        }
        return new(Flat(classes, _options.Classes), Flat(boxes, 4), Flat(centerness), selector ? Flat(selected) : OnnxValue.None);
    }

    private (OnnxValue C3, OnnxValue C4, OnnxValue C5) Backbone(OnnxValue images)
    {
        var x = graph.MaxPool(ConvNorm(images, "backbone.stem", relu: true, stride: 2), 3, 2, 1);
        var stages = new OnnxValue[4];
        for (var stage = 0; stage < stages.Length; stage++)
        {
            for (var block = 0; block < _options.Backbone.Layers[stage]; block++)
                x = Block(x, $"backbone.stage{stage + 1}.{block}", block == 0 && stage > 0 ? 2 : 1);
            stages[stage] = x;
        }
        return (stages[1], stages[2], stages[3]);
    }

    private OnnxValue Block(OnnxValue x, string name, int stride)
    {
        var (count, strided) = _options.Backbone.Block == ResNetBlock.Basic ? (2, 0) : (3, _options.Backbone.Style == ResNetStyle.Caffe ? 0 : 1);
        var residual = x;
        for (var i = 0; i < count; i++)
            residual = ConvNorm(residual, $"{name}.branch.{i}", relu: i < count - 1, stride: i == strided ? stride : 1);
        var shortcut = model.Weights.Find($"{name}.shortcut.conv.weight") is null ? x : ConvNorm(x, $"{name}.shortcut", relu: false, stride: stride);
        return graph.Relu(graph.Add(residual, shortcut));
    }

    private OnnxValue[] Pyramid((OnnxValue C3, OnnxValue C4, OnnxValue C5) features)
    {
        var merged5 = Conv(features.C5, "pyramid.lateral5");
        var merged4 = Merge(Conv(features.C4, "pyramid.lateral4"), merged5);
        var merged3 = Merge(Conv(features.C3, "pyramid.lateral3"), merged4);
        var p5 = Conv(merged5, "pyramid.output5");
        var p6 = Conv(_options.Pyramid.P6Source == P6Source.C5 ? features.C5 : p5, "pyramid.extra6", stride: 2);
        var p7 = Conv(_options.Pyramid.ReluBeforeP7 ? graph.Relu(p6) : p6, "pyramid.extra7", stride: 2);
        return [Conv(merged3, "pyramid.output3"), Conv(merged4, "pyramid.output4"), p5, p6, p7];

        OnnxValue Merge(OnnxValue lateral, OnnxValue coarser) => graph.Add(lateral, graph.ResizeNearest(coarser, lateral));
    }

    private OnnxValue Tower(OnnxValue x, string name, int convolutions, int groups)
    {
        for (var i = 0; i < convolutions; i++)
            x = ConvNorm(x, $"{name}.{i}", relu: true, groups: groups);
        return x;
    }

    private OnnxValue Selector(OnnxValue features) =>
        Conv(Tower(features, "pss.tower", _options.Selector!.HiddenConvolutions, _options.Selector.Groups), "pss.logit");

    /// <summary>Convolution, normalization if there is one, ReLU. Without a number of groups, group normalization has the backbone's.</summary>
    private OnnxValue ConvNorm(OnnxValue x, string name, bool relu, int stride = 1, int? groups = null)
    {
        x = Conv(x, $"{name}.conv", stride, $"{name}.norm");
        if (model.Weights.Find($"{name}.norm.weight") is { } weight && model.Weights.Find($"{name}.norm.running_var") is null)
        {
            var channels = weight.Shape[0];
            long[] shape = [1, channels, 1, 1];
            var (scale, shift) = Stored($"{name}.norm", () => (weight.ToSingles(), model.Weights[$"{name}.norm.bias"].ToSingles()), shape, shape);
            x = graph.GroupNorm(x, groups ?? (int)BigInteger.GreatestCommonDivisor(32, channels / 2), scale, shift, type);
        }
        return relu ? graph.Relu(x) : x;
    }

    private OnnxValue Conv(OnnxValue x, string name, int stride = 1, string? norm = null)
    {
        var shape = model.Weights[$"{name}.weight"].Shape;
        var (weight, bias) = Stored(name, () => Folded(name, norm), [.. shape], [shape[0]]);
        return graph.Conv(x, weight, bias, shape[2], stride, shape[2] / 2);
    }

    /// <summary>Weights and biases of a convolution, with the batch normalization behind it moved into them.</summary>
    private (float[] Weight, float[]? Bias) Folded(string name, string? norm)
    {
        var weight = model.Weights[$"{name}.weight"].ToSingles();
        var bias = model.Weights.Find($"{name}.bias")?.ToSingles();
        if (norm is null || model.Weights.Find($"{norm}.running_var")?.ToSingles() is not { } variance)
            return (weight, bias);
        var (scale, shift, mean) = (Of("weight"), Of("bias"), Of("running_mean"));
        var taps = weight.Length / scale.Length;
        for (var channel = 0; channel < scale.Length; channel++)
        {
            var factor = scale[channel] / MathF.Sqrt(variance[channel] + 1e-5f);
            shift[channel] += ((bias?[channel] ?? 0) - mean[channel]) * factor;
            foreach (ref var tap in weight.AsSpan(channel * taps, taps))
                tap *= factor;
        }
        return (weight, shift);

        float[] Of(string part) => model.Weights[$"{norm}.{part}"].ToSingles();
    }

    /// <summary>Weights go into the file once, however often they are used: heads are shared by all levels.</summary>
    private (OnnxValue Weight, OnnxValue Bias) Stored(string name, Func<(float[] Weight, float[]? Bias)> read, long[] shape, long[] biasShape)
    {
        if (_stored.TryGetValue(name, out var stored))
            return stored;
        var (weight, bias) = read();
        return _stored[name] = (
            graph.Weight($"{name}.weight", weight, shape, type),
            bias is null ? OnnxValue.None : graph.Weight($"{name}.bias", bias, biasShape, type));
    }

    /// <summary>Maps [N, size, H, W] of all levels to [N, L, size].</summary>
    private OnnxValue Flat(List<OnnxValue> maps, int size) =>
        Widen(graph.Concat(1, [.. maps.Select(map => graph.Reshape(graph.Transpose(map, 0, 2, 3, 1), 0, -1, size))]));

    /// <summary>Maps [N, 1, H, W] of all levels to [N, L].</summary>
    private OnnxValue Flat(List<OnnxValue> maps) => Widen(graph.Concat(1, [.. maps.Select(map => graph.Reshape(map, 0, -1))]));

    private OnnxValue Widen(OnnxValue x) => type == OnnxType.Float32 ? x : graph.Cast(x, OnnxType.Float32);
}
