namespace Pss.Engine.Reports;

/// <summary>Checks that the parts of a report are consistent.</summary>
internal static class ReportCheck
{
    public static void Run(ReportData data)
    {
        foreach (var series in data.Losses.Concat(data.ApByEpoch).Concat(data.ArByEpoch).Concat(data.LearningRate is { } rate ? [rate] : []))
            if (series.X.Count != series.Y.Count)
                throw new ArgumentException($"the curve '{series.Name}' has {series.X.Count} x values but {series.Y.Count} y values", nameof(data));
        foreach (var evaluation in data.Evaluations)
            if (evaluation.Errors is { } errors && errors.ByLabel.Count != data.Categories.Count)
                throw new ArgumentException(
                    $"the errors of '{evaluation.Name}' are of {errors.ByLabel.Count} classes, but the report has {data.Categories.Count}", nameof(data));
        foreach (var evaluation in data.Evaluations)
            if (evaluation.F1 is { } f1 && f1.ByLabel.Count != data.Categories.Count)
                throw new ArgumentException(
                    $"the F1 curves of '{evaluation.Name}' are of {f1.ByLabel.Count} classes, but the report has {data.Categories.Count}", nameof(data));
        foreach (var map in data.HeatMaps)
            foreach (var level in map.Levels)
                if (level.Rows < 1 || level.Columns < 1
                    || level.Plain.Count != level.Rows * level.Columns || level.WithPss.Count != level.Plain.Count)
                    throw new ArgumentException($"the heat map {level.Name} of {map.Picture.Name} is {level.Columns} x {level.Rows}, but holds " +
                        $"{level.Plain.Count} and {level.WithPss.Count} scores", nameof(data));
        foreach (var picture in data.Pictures)
            Labels(picture, data.Categories.Count);
    }

    private static void Labels(DetectionPicture picture, int classes)
    {
        var labels = picture.Objects.Select(item => item.Label)
            .Concat(picture.Outputs.SelectMany(output => output.Detections).Select(found => found.Label));
        foreach (var label in labels)
            if (label < 0 || label >= classes)
                throw new ArgumentException($"{picture.Picture.Name} has an object of label {label}, but the report has {classes} classes", "data");
        foreach (var output in picture.Outputs)
            if (output.Errors is { } errors
                && (errors.Outcomes.Count != output.Detections.Count || errors.Found.Count != picture.Objects.Count))
                throw new ArgumentException(
                    $"{picture.Picture.Name}: the outcomes of '{output.Name}' are not those of its detections and objects", "data");
    }
}
