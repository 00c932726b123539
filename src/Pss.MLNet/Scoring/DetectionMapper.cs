using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Scoring;

/// <summary>Maps a row to the row with its detections.</summary>
internal sealed class DetectionMapper : IRowToRowMapper
{
    private readonly PssDetectionTransformer _transformer;

    public DetectionMapper(
        PssDetectionTransformer transformer, DataViewSchema input, DataViewSchema.Column image, IEnumerable<DataViewSchema.DetachedColumn> outputs)
    {
        (_transformer, InputSchema, Image) = (transformer, input, image);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumns(outputs);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public DataViewSchema.Column Image { get; }

    /// <summary>Whether any of the columns is an output of the detector.</summary>
    public bool RequiresDetection(IEnumerable<DataViewSchema.Column> columns) => columns.Any(column => column.Index >= InputSchema.Count);

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = dependingColumns.Select(column => column.Index).Where(index => index < InputSchema.Count).ToHashSet();
        if (RequiresDetection(dependingColumns))
            needed.Add(Image.Index);
        return InputSchema.Where(column => needed.Contains(column.Index));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new DetectionRow(_transformer, this, input, [.. activeColumns]);
    }
}
