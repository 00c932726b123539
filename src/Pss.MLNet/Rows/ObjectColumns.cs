using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Rows;

/// <summary>Where the objects of a row stand.</summary>
/// <param name="Labels">Their classes, vector of keys.</param>
/// <param name="Boxes">Their boxes, vector of Single.</param>
/// <param name="Crowds">Whether each covers a group, vector of Boolean; null where the rows do not say.</param>
internal sealed record ObjectColumns(DataViewSchema.Column Labels, DataViewSchema.Column Boxes, DataViewSchema.Column? Crowds)
{
    /// <summary>The annotated objects.</summary>
    public static ObjectColumns Annotated(DataViewSchema schema, PssDetectionOptions options) => new(
        Columns.Labels(schema, options.LabelColumn), Columns.Vector(schema, options.BoundingBoxColumn, NumberDataViewType.Single),
        Columns.OptionalVector(schema, options.CrowdColumn, BooleanDataViewType.Instance));

    /// <summary>The detected objects.</summary>
    public static ObjectColumns Detected(DataViewSchema schema, PssDetectionOptions options) => new(
        Columns.Labels(schema, options.PredictedLabelColumn), Columns.Vector(schema, options.PredictedBoundingBoxColumn, NumberDataViewType.Single), null);

    /// <summary>The columns to ask for.</summary>
    public IEnumerable<DataViewSchema.Column> All => Crowds is { } crowds ? [Labels, Boxes, crowds] : [Labels, Boxes];
}
