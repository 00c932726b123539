using Microsoft.ML;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Scoring;

/// <summary>A view of rows with their detections.</summary>
internal sealed class DetectionView(PssDetectionTransformer transformer, IDataView input, int batchSize, DetectionMapper mapper) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] active = [.. columnsNeeded];
        var needed = mapper.GetDependencies(active);
        if (!mapper.RequiresDetection(active))
            return Open(needed, rand, cursor => new PassThroughCursor(cursor, mapper.GetRow(cursor, active)));
        return Open(needed.Union(RowErrors.TextColumns(mapper.InputSchema)), rand, cursor => new DetectionCursor(transformer, cursor, mapper, active, batchSize));
    }

    // One cursor already keeps the device busy with batches; several would only compete for it.
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private DataViewRowCursor Open(IEnumerable<DataViewSchema.Column> columns, Random? rand, Func<DataViewRowCursor, DataViewRowCursor> map)
    {
        var cursor = input.GetRowCursor(columns, rand);
        try
        {
            return map(cursor);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
