namespace Pss.Engine.Data;

/// <summary>A class of objects. Its index in <see cref="DetectionDataset.Categories"/> is the label, 0 to C-1.</summary>
/// <param name="Id">The id in annotation and result files; COCO's run from 1 to 90 with gaps.</param>
/// <param name="Name">The display name, such as "person".</param>
public sealed record Category(long Id, string Name);
