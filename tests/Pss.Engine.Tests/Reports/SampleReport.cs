using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Reports;

namespace Pss.Engine.Tests.Reports;

/// <summary>A report of invented detections on invented pictures, with every section.</summary>
internal static class SampleReport
{
    private const int Width = 320;
    private const int Height = 240;
    private static readonly Category[] Categories = [new(1, "disc"), new(2, "square <&> \"co\""), new(5, "ring")];

    public static ReportData Make(int pictures, bool noisy = false)
    {
        var random = new SeededRandom(7);
        var encoded = Enumerable.Range(0, pictures).Select(_ => new List<ObjectAnnotation>()).Select(objects => (Objects: objects, Image: Draw(random, objects, noisy))).ToArray();
        var dataset = new DetectionDataset
        {
            Categories = Categories,
            Images = [.. encoded.Select((picture, i) => new ImageRecord { Id = i + 1, FileName = $"{i + 1}.png", Width = Width, Height = Height, Objects = picture.Objects })],
        };
        var (endToEnd, oneToMany) = (Evaluate("end to end", dataset, Detect(random, dataset, .01)), Evaluate("one to many with NMS", dataset, Detect(random, dataset, .25)));
        var shown = encoded.Select((picture, i) => (Picture: new ReportPicture($"scene {i + 1}", picture.Image, Width, Height), Index: i)).ToArray();
        double[] steps = [.. Enumerable.Range(0, 1000).Select(i => 20.0 * i)];
        return new ReportData
        {
            Title = "FCOS_PSS on invented scenes",
            Facts = [new("Detector", "FCOS_PSS"), new("Data", $"{pictures} images, {dataset.ObjectCount} objects"), new("Date", "2026-01-02 03:04 UTC")],
            Categories = Categories,
            Settings = [new("Backbone", "ResNet-18"), new("Epochs", "76"), new("Learning rate", "0.01"), new("Batch", "16"), new("Stop gradient", "Features"), new("Seed", "1")],
            Losses = [.. new[] { "total", "classification", "box", "center-ness", "pss", "ranking" }.Select((name, k) => new ReportSeries(name, steps,
                [.. steps.Select(step => (.2 + Math.Exp(-step / 5000)) * (k == 0 ? 4 : .3 + .2 * k) * (1 + .2 * random.NextGaussian()))]))],
            LearningRate = new ReportSeries("learning rate", steps, [.. steps.Select(step => step < 500 ? .0033 + step / 500 * .0067 : step < 14000 ? .01 : step < 18000 ? .001 : .0001)]),
            ApByEpoch =
            [
                new("end to end", [.. Enumerable.Range(1, 19).Select(e => 4.0 * e)], [.. Enumerable.Range(1, 19).Select(e => .52 * (1 - Math.Exp(-e / 3.5)))]),
                new("one to many with NMS", [.. Enumerable.Range(1, 19).Select(e => 4.0 * e)], [.. Enumerable.Range(1, 19).Select(e => .52 * (1 - Math.Exp(-e / 2.5)))]),
            ],
            Evaluations = [endToEnd.Evaluation, oneToMany.Evaluation],
            HeatMaps = [.. shown.Take(2).Select(picture => HeatMap(picture.Picture, dataset.Images[picture.Index].Objects))],
            Pictures = [.. shown.Select(picture => new DetectionPicture
            {
                Picture = picture.Picture,
                Objects = dataset.Images[picture.Index].Objects,
                Outputs = [.. new[] { endToEnd, oneToMany }.Select(way => new PictureDetections(way.Evaluation.Name, way.Detections[picture.Index],
                    way.Evaluation.Errors!.Images[picture.Index]))],
            })],
        };
    }

    private static (ReportEvaluation Evaluation, IReadOnlyList<Detection>[] Detections) Evaluate(string name, DetectionDataset dataset, IReadOnlyList<Detection>[] detections) =>
        (ReportEvaluation.Of(name, new CocoEvaluator().Evaluate(dataset, detections), dataset, detections), detections);

    private static byte[] Draw(SeededRandom random, List<ObjectAnnotation> objects, bool noisy)
    {
        var image = new RgbImage(Width, Height);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(noisy ? random.Next(256) : 200 - i / (3 * Width) / 2 + random.Next(6));
        for (var count = 3 + random.Next(6); count > 0; count--)
        {
            var (size, label) = (random.Next(18, 80), random.Next(3));
            var (left, top) = (random.Next(Width - size), random.Next(Height - size));
            byte[] color = [(byte)random.Next(30, 160), (byte)random.Next(30, 160), (byte)random.Next(30, 160)];
            for (var y = 0; y < size; y++)
                for (var x = 0; x < size; x++)
                {
                    var radius = Math.Sqrt(Math.Pow(2.0 * x / size - 1, 2) + Math.Pow(2.0 * y / size - 1, 2));
                    if (label == 1 || radius < 1 && (label == 0 || radius > .6))
                        color.CopyTo(image.Pixels, 3 * ((top + y) * Width + left + x));
                }
            objects.Add(new ObjectAnnotation { Id = objects.Count, Label = label, Box = new BoundingBox(left, top, size, size), IsCrowd = random.Next(25) == 0 });
        }
        using var stream = new MemoryStream();
        image.SavePng(stream);
        return stream.ToArray();
    }

    private static IReadOnlyList<Detection>[] Detect(SeededRandom random, DetectionDataset dataset, double duplicates) => [.. dataset.Images.Select(image =>
        (IReadOnlyList<Detection>)[.. image.Objects.SelectMany(item => Enumerable.Range(0, random.NextDouble() < .1 ? 0 : random.NextDouble() < duplicates ? 2 : 1).Select(_ =>
        {
            var (shift, size) = (.06 * item.Box.Width * random.NextGaussian(), item.Box.Width * random.NextDouble(.85, 1.1));
            return new Detection((float)(item.Box.X + shift), (float)(item.Box.Y + shift), (float)(item.Box.X + shift + size), (float)(item.Box.Y + shift + size),
                (float)random.NextDouble(.2, 1), random.NextDouble() < .06 ? random.Next(3) : item.Label);
        }))])];

    private static ScoreHeatMap HeatMap(ReportPicture picture, IReadOnlyList<ObjectAnnotation> objects) => new(picture, [.. Enumerable.Range(0, 5).Select(k =>
    {
        var (stride, scale) = (8 << k, Math.Pow(2, k) * 12);
        var (rows, columns) = ((Height + stride - 1) / stride, (Width + stride - 1) / stride);
        float[] Scores(double sharp) => [.. Enumerable.Range(0, rows * columns).Select(i => (float)objects.Select(item =>
        {
            var (dx, dy) = ((i % columns + .5) * stride - item.Box.X - item.Box.Width / 2, (i / columns + .5) * stride - item.Box.Y - item.Box.Height / 2);
            return Math.Exp(-(dx * dx + dy * dy) * sharp / (item.Box.Width * item.Box.Width) - Math.Pow(Math.Log2(item.Box.Width / scale), 2));
        }).DefaultIfEmpty(0).Max())];
        return new HeatMapLevel { Name = $"P{k + 3}", Rows = rows, Columns = columns, CellWidth = stride, CellHeight = stride, Plain = Scores(8), WithPss = Scores(60) };
    })]);
}
