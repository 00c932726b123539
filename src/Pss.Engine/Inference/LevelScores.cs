
namespace Pss.Engine.Inference;

/// <summary>The best score over all classes at each location of one pyramid level of one image.</summary>
/// <param name="Stride">Pixels of the network's input between locations; level P3 has 8.</param>
/// <param name="Rows">Rows of locations.</param>
/// <param name="Columns">Columns of locations.</param>
/// <param name="OneToMany">[Rows * Columns]: class times center-ness, what the base detector goes by.</param>
/// <param name="EndToEnd">[Rows * Columns]: the same times the selector; empty without one.</param>
internal sealed record LevelScores(int Stride, int Rows, int Columns, IReadOnlyList<float> OneToMany, IReadOnlyList<float> EndToEnd);
