using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Reports;

namespace Pss.Benchmarks.Paper;

/// <summary>Detections and score heat maps of a base detector beside those of one with the positive sample selector.</summary>
/// <param name="plain">The base detector.</param>
/// <param name="withPss">The detector with the selector; its input has the same size.</param>
/// <param name="truth">The images.</param>
/// <param name="count">Images shown, spread evenly.</param>
internal sealed class FigurePictures(DetectorModel plain, DetectorModel withPss, DetectionDataset truth, int count)
{
    /// <summary>A report without curves.</summary>
    public ReportData Create()
    {
        if (withPss.Options.Selector is null)
            throw new ArgumentException("The second detector has no positive sample selector.");
        if (plain.Resize != withPss.Resize)
            throw new ArgumentException("The detectors' inputs differ in size: heat maps of both need the same.");
        string[] names = [$"{plain.Options.Kind}, NMS", $"{withPss.Options.Kind}_PSS, no NMS"];
        var (many, single) = (DetectorEvaluation.Run(plain, truth), DetectorEvaluation.Run(withPss, truth));
        ReportEvaluation[] evaluations =
        [
            ReportEvaluation.Of(names[0], many.OneToMany, truth, many.OneToManyDetections),
            ReportEvaluation.Of(names[1], single.EndToEnd!, truth, single.EndToEndDetections!),
        ];
        var found = new[] { many.OneToManyDetections, single.EndToEndDetections! };
        var number = Math.Min(count, truth.Images.Count);
        var shown = Enumerable.Range(0, number).Select(i => (int)((long)i * truth.Images.Count / number)).ToArray();
        var images = shown.Select(i => truth.LoadImage(truth.Images[i], ImageDecoding.For(plain.Resize))).ToArray();
        var pictures = shown.Zip(images, (i, image) => ReportPicture.Of(truth.Images[i].FileName, image)).ToArray();
        using var first = new Detector(plain);
        using var second = new Detector(withPss);
        return new()
        {
            Title = $"{names[0]}, and {names[1]}",
            Categories = truth.Categories,
            Evaluations = evaluations,
            Images = truth.Images.Count,
            Pictures = [.. shown.Zip(pictures, (i, picture) => new DetectionPicture
            {
                Picture = picture,
                Objects = truth.Images[i].Objects,
                Outputs = [.. names.Select((name, output) => new PictureDetections(name, found[output][i], evaluations[output].Errors!.Images[i]))],
            })],
            HeatMaps = [.. images.Zip(pictures, (image, picture) =>
            {
                var (levels, geometry) = first.Scores(image);
                return ScoreHeatMap.Of(picture, geometry, levels, second.Scores(image).Levels);
            })],
        };
    }
}
