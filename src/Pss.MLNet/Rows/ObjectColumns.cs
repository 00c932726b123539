using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Rows;

/// <summary>The columns of a row's objects.</summary>
/// <param name="Labels">Classes, a vector of keys.</param>
/// <param name="Boxes">Boxes, a vector of Single with 4 values per label.</param>
/// <param name="Crowds">Whether each object is a crowd region, a vector of Boolean; null if there is no such column.</param>
/// <param name="Masks">Masks, a vector of text; null if there is no such column.</param>
internal sealed record ObjectColumns(DataViewSchema.Column Labels, DataViewSchema.Column Boxes, DataViewSchema.Column? Crowds, DataViewSchema.Column? Masks)
{
    /// <summary>Columns of the ground-truth objects.</summary>
    public static ObjectColumns Annotated(DataViewSchema schema, PssDetectionOptions options, bool withMasks) => new(
        Columns.Labels(schema, options.LabelColumnName), Columns.Vector(schema, options.BoundingBoxColumnName, NumberDataViewType.Single),
        Columns.OptionalVector(schema, options.CrowdColumnName, BooleanDataViewType.Instance),
        withMasks ? Columns.OptionalVector(schema, options.MaskColumnName, TextDataViewType.Instance) : null);

    /// <summary>Columns of the detections.</summary>
    public static ObjectColumns Detected(DataViewSchema schema, PssDetectionOptions options) => new(
        Columns.Labels(schema, options.PredictedLabelColumnName), Columns.Vector(schema, options.PredictedBoundingBoxColumnName, NumberDataViewType.Single), null,
        options.PredictedMaskColumnName is { } masks ? Columns.Vector(schema, masks, TextDataViewType.Instance) : null);

    /// <summary>The columns that exist.</summary>
    public IEnumerable<DataViewSchema.Column> All => new[] { Labels, Boxes, Crowds, Masks }.OfType<DataViewSchema.Column>();
}
