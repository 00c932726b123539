using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Reports;

/// <summary>The detections in one picture.</summary>
/// <param name="Name">The column's name, such as "end to end".</param>
/// <param name="Detections">The detections; without errors, all are drawn.</param>
/// <param name="Errors">Their outcomes: wrong detections are marked, missed objects drawn, detections below the score threshold omitted.</param>
internal sealed record PictureDetections(string Name, IReadOnlyList<Detection> Detections, ImageErrors? Errors = null);
