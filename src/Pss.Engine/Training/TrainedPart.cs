
namespace Pss.Engine.Training;

/// <summary>Which parameters a training changes.</summary>
internal enum TrainedPart
{
    /// <summary>The whole detector, its frozen stages excepted.</summary>
    All,

    /// <summary>The positive sample selector alone, everything else frozen: the second of two steps (section 3.5, Table 3).</summary>
    PositiveSampleSelector,
}
