using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>A dataset as rows, one per image; an image is decoded when it is read.</summary>
internal sealed class DatasetView : IDataView
{
    private readonly Func<Cursor, Delegate>[] _getters;

    public DatasetView(DetectionDataset dataset)
    {
        Dataset = dataset;
        var labels = Scoring.DetectionColumns.Create(new(), [.. dataset.Categories.Select(category => category.Name)])[0];
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(DefaultColumns.Image, new ImageDataViewType());
        builder.AddColumn(DefaultColumns.ImagePath, TextDataViewType.Instance);
        builder.AddColumn(DefaultColumns.ImageId, NumberDataViewType.Int64);
        builder.AddColumn(DefaultColumns.Label, labels.Type, labels.Annotations);
        builder.AddColumn(DefaultColumns.BoundingBoxes, new VectorDataViewType(NumberDataViewType.Single));
        builder.AddColumn(DefaultColumns.IsCrowd, new VectorDataViewType(BooleanDataViewType.Instance));
        builder.AddColumn(DefaultColumns.Area, new VectorDataViewType(NumberDataViewType.Single));
        if (dataset.Images.Any(image => image.Objects.Any(item => item.Mask is not null)))
            builder.AddColumn(DefaultColumns.Masks, new VectorDataViewType(TextDataViewType.Instance));
        Schema = builder.ToSchema();
        _getters =
        [
            cursor => (ValueGetter<MLImage>)((ref MLImage value) =>
            {
                value?.Dispose();
                value = MLImages.FromRgb(dataset.LoadImage(cursor.Record));
                value.Tag = cursor.Record.Path ?? cursor.Record.FileName;
            }),
            cursor => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = (cursor.Record.Path ?? cursor.Record.FileName).AsMemory()),
            cursor => (ValueGetter<long>)((ref long value) => value = cursor.Record.Id),
            cursor => Vector<uint>(cursor, item => [(uint)item.Label + 1]),
            cursor => Vector<float>(cursor, item => [(float)item.Box.X, (float)item.Box.Y, (float)item.Box.X2, (float)item.Box.Y2]),
            cursor => Vector<bool>(cursor, item => [item.IsCrowd]),
            cursor => Vector<float>(cursor, item => [(float)item.Area]),
            cursor => Vector<ReadOnlyMemory<char>>(cursor, item => [MaskText.Write(item.Mask, cursor.Record.Height, cursor.Record.Width).AsMemory()]),
        ];
    }

    public DetectionDataset Dataset { get; }

    public bool CanShuffle => true;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => Dataset.Images.Count;

    /// <summary>Whether these options name this view's own columns, so that training can use the dataset without reading the view.</summary>
    public bool HasColumns(PssDetectionOptions options)
        => (options.ImageColumnName == DefaultColumns.Image || (options.ImageColumnName == DefaultColumns.ImagePath && Dataset.ImageLoader is null))
            && (options.LabelColumnName, options.BoundingBoxColumnName, options.CrowdColumnName, options.MaskColumnName)
                == (DefaultColumns.Label, DefaultColumns.BoundingBoxes, DefaultColumns.IsCrowd, DefaultColumns.Masks);

    /// <summary>A function that loads the pixels of a cursor's current row; null if the cursor is not of such a view.</summary>
    public static Func<RgbImage>? Loader(DataViewRow row, ImageDecoding decoding)
        => row is Cursor cursor ? () => cursor.View.Dataset.LoadImage(cursor.Record, decoding) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var order = Enumerable.Range(0, Dataset.Images.Count).ToArray();
        rand?.Shuffle(order);
        return new Cursor(this, [.. columnsNeeded.Select(column => column.Index)], order);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static ValueGetter<VBuffer<T>> Vector<T>(Cursor cursor, Func<ObjectAnnotation, T[]> values) => (ref VBuffer<T> value) =>
    {
        T[] all = [.. cursor.Record.Objects.SelectMany(values)];
        var editor = VBufferEditor.Create(ref value, all.Length);
        all.CopyTo(editor.Values);
        value = editor.Commit();
    };

    private sealed class Cursor(DatasetView view, HashSet<int> active, int[] order) : DataViewRowCursor
    {
        private int _index = -1;

        public DatasetView View => view;

        public ImageRecord Record => _index >= 0 && _index < order.Length ? view.Dataset.Images[order[_index]] : throw new InvalidOperationException("The cursor is not on a row.");

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _index < order.Length ? _index : -1;

        public override long Batch => 0;

        public override bool MoveNext() => _index < order.Length && ++_index < order.Length;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)order[_index], 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => IsColumnActive(column) && view._getters[column.Index](this) is ValueGetter<TValue> getter ? getter
                : throw new InvalidOperationException($"Column '{column.Name}' of type {column.Type} is not active, or cannot be read as {typeof(TValue)}.");
    }
}
