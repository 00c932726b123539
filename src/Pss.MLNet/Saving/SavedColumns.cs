namespace Pss.MLNet.Saving;

/// <summary>Columns that only a saved model has, inside itself: names that no user's column carries. Those of the network are its tensors' names.</summary>
internal static class SavedColumns
{
    public const string Image = "__pss.image";
    public const string Key = "__pss.key";
    public const string State = "__pss.state";
    public const string Pixels = "__pss.pixels";
    public const string Geometry = "__pss.geometry";
    public const string Boxes = "__pss.boxes";
    public const string Scores = "__pss.scores";
    public const string Labels = "__pss.labels";

    public static readonly string[] All = [Image, Key, State, Pixels, Geometry, Boxes, Scores, Labels];
}
