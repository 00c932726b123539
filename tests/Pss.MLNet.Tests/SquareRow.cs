using Microsoft.ML.Data;

namespace Pss.MLNet.Tests;

/// <summary>An annotated picture.</summary>
internal sealed class SquareRow
{
    public float Number { get; set; }

    public string ImagePath { get; set; } = "";

    public MLImage? Image { get; set; }

    public string[] Names { get; set; } = [];

    public float[] BoundingBoxes { get; set; } = [];
}
