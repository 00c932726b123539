namespace Pss.MLNet.Saving;

/// <summary>Internal columns of a saved model, under names that do not collide with a user's. The network's tensors have the same names.</summary>
internal static class SavedColumns
{
    public const string Image = "__pss.image";
    public const string Key = "__pss.key";
    public const string State = "__pss.state";
    public const string Detector = "__pss.detector";
    public const string Pixels = "__pss.pixels";
    public const string Geometry = "__pss.geometry";
    public const string Boxes = "__pss.boxes";
    public const string Scores = "__pss.scores";
    public const string Labels = "__pss.labels";

    public const string Masks = "__pss.masks";
    public const string MaskTexts = "__pss.masktexts";

    /// <summary>Those that every saved model has.</summary>
    public static readonly string[] All = [Image, Key, State, Pixels, Geometry, Boxes, Scores, Labels];
}
