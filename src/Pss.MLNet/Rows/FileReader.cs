using Microsoft.ML;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Reads which file a row's image is, and its size from the file's header; pixels are decoded when they are trained on.</summary>
internal sealed class FileReader(DataViewRow row, DataViewSchema.Column column, RowNaming naming)
{
    private readonly ValueGetter<ReadOnlyMemory<char>> _getter = row.GetGetter<ReadOnlyMemory<char>>(column);

    /// <summary>The image without its objects, or null where the row names none.</summary>
    public ImageRecord? Read()
    {
        ReadOnlyMemory<char> value = default;
        _getter(ref value);
        if (value.Span.IsWhiteSpace())
            return null;
        var path = value.ToString();
        try
        {
            var (width, height) = RgbImage.ReadSize(path);
            return new() { Id = row.Position, FileName = $"row {row.Position}", Path = path, Width = width, Height = height };
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw naming.ImageFault(column.Name, fault);
        }
    }
}
