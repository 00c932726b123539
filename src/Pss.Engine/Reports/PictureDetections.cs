using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Reports;

/// <summary>What was detected in one picture.</summary>
/// <param name="Name">The column's name, such as "end to end".</param>
/// <param name="Detections">The detections; all are drawn unless errors are given.</param>
/// <param name="Errors">Their outcomes: wrong ones are marked, missed objects drawn, those below the score threshold left out.</param>
internal sealed record PictureDetections(string Name, IReadOnlyList<Detection> Detections, ImageErrors? Errors = null);
