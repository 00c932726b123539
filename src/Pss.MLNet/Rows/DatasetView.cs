using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Pss.Engine.Data;

namespace Pss.MLNet.Rows;

/// <summary>The images of a dataset as rows; an image is decoded when it is read.</summary>
internal sealed class DatasetView : IDataView
{
    private readonly Func<Cursor, Delegate>[] getters;

    public DatasetView(DetectionDataset dataset)
    {
        Dataset = dataset;
        var defaults = new PssDetectionOptions();
        var labels = Scoring.DetectionColumns.Create(defaults, [.. dataset.Categories.Select(category => category.Name)])[0];
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(defaults.ImageColumn, new ImageDataViewType());
        builder.AddColumn("ImagePath", TextDataViewType.Instance);
        builder.AddColumn("ImageId", NumberDataViewType.Int64);
        builder.AddColumn(defaults.LabelColumn, labels.Type, labels.Annotations);
        builder.AddColumn(defaults.BoundingBoxColumn, new VectorDataViewType(NumberDataViewType.Single));
        builder.AddColumn(defaults.CrowdColumn, new VectorDataViewType(BooleanDataViewType.Instance));
        builder.AddColumn("Area", new VectorDataViewType(NumberDataViewType.Single));
        Schema = builder.ToSchema();
        getters =
        [
            cursor => Image(cursor),
            cursor => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = (cursor.Record.Path ?? cursor.Record.FileName).AsMemory()),
            cursor => (ValueGetter<long>)((ref long value) => value = cursor.Record.Id),
            cursor => Vector<uint>(cursor, item => [(uint)item.Label + 1]),
            cursor => Vector<float>(cursor, item => [(float)item.Box.X, (float)item.Box.Y, (float)item.Box.X2, (float)item.Box.Y2]),
            cursor => Vector<bool>(cursor, item => [item.IsCrowd]),
            cursor => Vector<float>(cursor, item => [(float)item.Area]),
        ];
    }

    public DetectionDataset Dataset { get; }

    public bool CanShuffle => true;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => Dataset.Images.Count;

    /// <summary>Whether these options read every column under the name that it has here, so that the dataset can be taken as it is.</summary>
    public bool IsRead(PssDetectionOptions options)
    {
        var defaults = new PssDetectionOptions();
        return (options.ImageColumn, options.LabelColumn, options.BoundingBoxColumn, options.CrowdColumn)
            == (defaults.ImageColumn, defaults.LabelColumn, defaults.BoundingBoxColumn, defaults.CrowdColumn) && Dataset.Images.All(image => image.Path is not null);
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var order = Enumerable.Range(0, Dataset.Images.Count).ToArray();
        rand?.Shuffle(order);
        return new Cursor(this, [.. columnsNeeded.Select(column => column.Index)], order);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static ValueGetter<MLImage> Image(Cursor cursor) => (ref MLImage value) =>
    {
        value?.Dispose();
        var path = cursor.Record.Path ?? throw new InvalidDataException($"the image '{cursor.Record.FileName}' was not found; name its folder in ReadOptions.ImageFolder");
        value = MLImages.FromRgb(RgbImage.Load(path));
        value.Tag = path;
    };

    private static ValueGetter<VBuffer<T>> Vector<T>(Cursor cursor, Func<ObjectAnnotation, T[]> values) => (ref VBuffer<T> value) =>
    {
        T[] all = [.. cursor.Record.Objects.SelectMany(values)];
        var editor = VBufferEditor.Create(ref value, all.Length);
        all.CopyTo(editor.Values);
        value = editor.Commit();
    };

    private sealed class Cursor(DatasetView view, HashSet<int> active, int[] order) : DataViewRowCursor
    {
        private int at = -1;

        public ImageRecord Record => at >= 0 && at < order.Length ? view.Dataset.Images[order[at]] : throw new InvalidOperationException("There is no row.");

        public override DataViewSchema Schema => view.Schema;

        public override long Position => at < order.Length ? at : -1;

        public override long Batch => 0;

        public override bool MoveNext() => at < order.Length && ++at < order.Length;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)order[at], 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => IsColumnActive(column) && view.getters[column.Index](this) is ValueGetter<TValue> getter ? getter
                : throw new InvalidOperationException($"Column '{column.Name}' of type {column.Type} was not asked for, or cannot be read as {typeof(TValue)}.");
    }
}
