using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Rows;

/// <summary>The columns of a row's objects.</summary>
/// <param name="Labels">Classes, a vector of keys.</param>
/// <param name="Boxes">Boxes, a vector of Single with 4 values per label.</param>
/// <param name="Crowds">Whether each object is a crowd region, a vector of Boolean; null if there is no such column.</param>
internal sealed record ObjectColumns(DataViewSchema.Column Labels, DataViewSchema.Column Boxes, DataViewSchema.Column? Crowds)
{
    /// <summary>Columns of the ground-truth objects.</summary>
    public static ObjectColumns Annotated(DataViewSchema schema, PssDetectionOptions options) => new(
        Columns.Labels(schema, options.LabelColumnName), Columns.Vector(schema, options.BoundingBoxColumnName, NumberDataViewType.Single),
        Columns.OptionalVector(schema, options.CrowdColumnName, BooleanDataViewType.Instance));

    /// <summary>Columns of the detections.</summary>
    public static ObjectColumns Detected(DataViewSchema schema, PssDetectionOptions options) => new(
        Columns.Labels(schema, options.PredictedLabelColumnName), Columns.Vector(schema, options.PredictedBoundingBoxColumnName, NumberDataViewType.Single), null);

    /// <summary>The columns that exist.</summary>
    public IEnumerable<DataViewSchema.Column> All => Crowds is { } crowds ? [Labels, Boxes, crowds] : [Labels, Boxes];
}
