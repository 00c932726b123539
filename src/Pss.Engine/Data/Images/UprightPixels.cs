namespace Pss.Engine.Data.Images;

/// <summary>Copies stored rows of an image to their place in the upright image.</summary>
/// <param name="width">Pixels in a stored row.</param>
/// <param name="height">Stored rows.</param>
/// <param name="orientation">EXIF orientation of the stored pixels, 1 to 8.</param>
internal sealed class UprightPixels(int width, int height, int orientation)
{
    private readonly byte[] _pixels = GC.AllocateUninitializedArray<byte>(RgbImage.Size(width, height));

    /// <summary>Whether stored columns run opposite to the columns (for 5 to 8, the rows) of the upright image.</summary>
    private readonly bool _columnsReversed = orientation is 2 or 3 or 7 or 8;

    /// <summary>Whether stored rows run opposite to the rows (for 5 to 8, the columns) of the upright image.</summary>
    private readonly bool _rowsReversed = orientation is 3 or 4 or 6 or 7;

    private bool IsRotated => orientation >= 5;

    /// <summary>Writes whole rows of four bytes per pixel: red, green, blue and an unused byte.</summary>
    public void Write(ReadOnlySpan<byte> rows, int firstRow)
    {
        var stride = 4 * width;
        if (IsRotated)
        {
            WriteColumns(rows, firstRow, rows.Length / stride);
            return;
        }
        for (var y = firstRow; rows.Length > 0; y++, rows = rows[stride..])
        {
            var target = _pixels.AsSpan(3 * width * (_rowsReversed ? height - 1 - y : y), 3 * width);
            if (_columnsReversed)
                WriteBackwards(rows[..stride], target);
            else
                PixelBytes.DropAlpha(rows[..stride], target);
        }
    }

    /// <summary>The upright image, decoded at <paramref name="scale"/> of the size in the header.</summary>
    public RgbImage ToImage(ImageHeader header, double scale)
    {
        var (w, h) = IsRotated ? (height, width) : (width, height);
        // A partly covered last pixel becomes the first where the order is reversed.
        var (backwardsX, backwardsY) = IsRotated ? (_rowsReversed, _columnsReversed) : (_columnsReversed, _rowsReversed);
        return new(w, h, _pixels, new(
            header.Width, header.Height, scale, backwardsX ? w - header.Width * scale : 0, backwardsY ? h - header.Height * scale : 0));
    }

    private static void WriteBackwards(ReadOnlySpan<byte> row, Span<byte> target)
    {
        for (int i = 0, j = target.Length - 3; j >= 0; i += 4, j -= 3)
            (target[j], target[j + 1], target[j + 2]) = (row[i], row[i + 1], row[i + 2]);
    }

    /// <summary>Stored columns become parts of rows; all given rows are written column by column, so that neighbors are written together.</summary>
    private void WriteColumns(ReadOnlySpan<byte> rows, int firstRow, int count)
    {
        for (var x = 0; x < width; x++)
        {
            var start = (_columnsReversed ? width - 1 - x : x) * height + (_rowsReversed ? height - firstRow - count : firstRow);
            var target = _pixels.AsSpan(3 * start, 3 * count);
            for (var i = 0; i < count; i++)
            {
                var from = rows.Slice(4 * ((_rowsReversed ? count - 1 - i : i) * width + x), 3);
                (target[3 * i], target[3 * i + 1], target[3 * i + 2]) = (from[0], from[1], from[2]);
            }
        }
    }
}
