using System.Xml.Linq;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>The terms of the report, explained.</summary>
internal static class Glossary
{
    private static readonly (string Term, string Meaning)[] Terms =
    [
        ("IoU", "intersection over union of two boxes: 1 if they are equal, 0 if they do not overlap. " +
            "A detection matches an object of its class if their IoU reaches a threshold."),
        ("Precision, recall", "the fraction of the detections that are correct, and the fraction of the objects that are found."),
        ("AP", "average precision: the area under the curve of precision over recall, averaged over the " +
            "IoU thresholds 0.50, 0.55 ... 0.95 and over the classes (COCO)."),
        ("AP50, AP75", "AP at the single IoU threshold 0.50 or 0.75. " +
            "APs, APm and APl: AP of small objects (up to 32² pixels), medium ones, and large ones (from 96² pixels)."),
        ("AR", "average recall: recall averaged over the same IoU thresholds, with at most 1, 10 or 100 detections per image and class."),
        ("End to end", "the output of the positive sample selector (PSS): one detection per object, without NMS."),
        ("One to many", "the output of the detector without the selector, where many locations detect the same object; NMS removes the duplicates."),
        ("NMS", "non-maximum suppression: of detections of one class that overlap, only the one with the highest score is kept."),
        ("Score threshold", "detections with a lower score are dropped."),
        ("F1", "the harmonic mean of precision and recall at one score threshold: 2 TP / (2 TP + FP + FN), " +
            "where TP are correct detections, FP wrong detections and FN missed objects."),
        ("Confusion matrix", "how often objects of each class are detected as each class. Correct detections are matched " +
            "first; then each other detection takes the free object that it overlaps most, from IoU 0.50 on. Each object and each detection counts once."),
        ("Crowd", "a region with many objects of one class that are not annotated one by one. It is no object, and detections inside it do not count."),
    ];

    public static IEnumerable<XElement> Section(ReportData data)
    {
        if (data.Evaluations.Count > 0)
            yield return Tag("dl", Class("terms"), Terms.Select(entry => Tag("div", Tag("dt", entry.Term), Tag("dd", entry.Meaning))));
    }
}
