using Microsoft.ML;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Reads a row's image path, and the image size from the file's header; pixels are decoded during training.</summary>
internal sealed class FileReader(DataViewRow row, DataViewSchema.Column column, RowErrors errors)
{
    private readonly ValueGetter<ReadOnlyMemory<char>> _getter = row.GetGetter<ReadOnlyMemory<char>>(column);

    /// <summary>The image, without objects; null if the path is empty.</summary>
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
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw errors.InvalidImage(column.Name, error);
        }
    }
}
