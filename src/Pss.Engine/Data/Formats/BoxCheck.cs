namespace Pss.Engine.Data.Formats;

/// <summary>Decides about a box: as it is, cut off at the image's edge, or left out.</summary>
internal static class BoxCheck
{
    /// <summary>Whether a box is used as it is.</summary>
    public static bool IsGood(BoundingBox box, int width, int height)
        => BoxRules.Problem(box, width, height) is null && BoxRules.OverEdge(box, width, height) is null && !BoxRules.IsFlat(box);

    /// <summary>The box to use; null, with a fault or a note, if there is none.</summary>
    /// <param name="faults">Receives faults and notes.</param>
    /// <param name="file">The annotation file.</param>
    /// <param name="record">The object.</param>
    /// <param name="field">The field of the box.</param>
    /// <param name="box">The box.</param>
    /// <param name="width">Width of the image.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="isSkipped">Whether an object was lost.</param>
    public static BoundingBox? Apply(FaultLog faults, string file, string record, string field, BoundingBox box, int width, int height, out bool isSkipped)
    {
        isSkipped = false;
        if (BoxRules.Problem(box, width, height) is { } problem)
        {
            faults.Add(file, record, field, problem);
            isSkipped = true;
            return null;
        }
        if (BoxRules.OverEdge(box, width, height) is { } over)
        {
            faults.Repair(file, record, field, over, "boxes are cut off at the image's edge");
            box = BoxRules.Clip(box, width, height);
        }
        if (!BoxRules.IsFlat(box))
            return box;
        faults.Note(file, record, field, "boxes without area are left out");
        return null;
    }
}
