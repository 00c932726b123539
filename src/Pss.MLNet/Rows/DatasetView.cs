using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>The images of a dataset as rows; an image is decoded when it is read.</summary>
internal sealed class DatasetView : IDataView
{
    private const string PathColumn = "ImagePath";
    private readonly Func<Cursor, Delegate>[] _getters;
    private readonly Func<ImageRecord, RgbImage>? _load;

    public DatasetView(DetectionDataset dataset, Func<ImageRecord, RgbImage>? load)
    {
        (Dataset, _load) = (dataset, load);
        var whole = Loader(new());
        var defaults = new PssDetectionOptions();
        var labels = Scoring.DetectionColumns.Create(defaults, [.. dataset.Categories.Select(category => category.Name)])[0];
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(defaults.ImageColumn, new ImageDataViewType());
        builder.AddColumn(PathColumn, TextDataViewType.Instance);
        builder.AddColumn("ImageId", NumberDataViewType.Int64);
        builder.AddColumn(defaults.LabelColumn, labels.Type, labels.Annotations);
        builder.AddColumn(defaults.BoundingBoxColumn, new VectorDataViewType(NumberDataViewType.Single));
        builder.AddColumn(defaults.CrowdColumn, new VectorDataViewType(BooleanDataViewType.Instance));
        builder.AddColumn("Area", new VectorDataViewType(NumberDataViewType.Single));
        Schema = builder.ToSchema();
        _getters =
        [
            cursor => (ValueGetter<MLImage>)((ref MLImage value) =>
            {
                value?.Dispose();
                value = MLImages.FromRgb(whole(cursor.Record));
                value.Tag = cursor.Record.Path ?? cursor.Record.FileName;
            }),
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
        return (options.ImageColumn == defaults.ImageColumn || (options.ImageColumn == PathColumn && _load is null))
            && (options.LabelColumn, options.BoundingBoxColumn, options.CrowdColumn) == (defaults.LabelColumn, defaults.BoundingBoxColumn, defaults.CrowdColumn);
    }

    /// <summary>What gives the pixels of an image; thread-safe.</summary>
    /// <param name="decoding">The size at which they are needed; its limit is that of the dataset.</param>
    public Func<ImageRecord, RgbImage> Loader(ImageDecoding decoding)
    {
        decoding = decoding with { MaxPixels = Dataset.MaxPixels };
        return _load ?? (image => RgbImage.Load(
            image.Path ?? throw new InvalidDataException($"the image '{image.FileName}' was read without its path; name the folder in ReadOptions.ImageFolder"), decoding));
    }

    /// <summary>As <see cref="Loader(ImageDecoding)"/>, for the image of the row that a cursor stands on; null where that is no cursor of such a
    /// view.</summary>
    public static Func<RgbImage>? Loader(DataViewRow row, ImageDecoding decoding)
    {
        if (row is not Cursor cursor)
            return null;
        var load = cursor.View.Loader(decoding);
        return () => load(cursor.Record);
    }

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
        private int _at = -1;

        public DatasetView View => view;

        public ImageRecord Record => _at >= 0 && _at < order.Length ? view.Dataset.Images[order[_at]] : throw new InvalidOperationException("There is no row.");

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _at < order.Length ? _at : -1;

        public override long Batch => 0;

        public override bool MoveNext() => _at < order.Length && ++_at < order.Length;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)order[_at], 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => IsColumnActive(column) && view._getters[column.Index](this) is ValueGetter<TValue> getter ? getter
                : throw new InvalidOperationException($"Column '{column.Name}' of type {column.Type} was not asked for, or cannot be read as {typeof(TValue)}.");
    }
}
