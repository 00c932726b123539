namespace Pss.Engine.Data.Images;

/// <summary>Puts rows of an image as they are stored where they belong in the upright picture.</summary>
/// <param name="width">Pixels in a stored row.</param>
/// <param name="height">Stored rows.</param>
/// <param name="orientation">How the stored pixels lie, 1 to 8 as EXIF numbers it.</param>
internal sealed class UprightPixels(int width, int height, int orientation)
{
    private readonly byte[] _pixels = GC.AllocateUninitializedArray<byte>(RgbImage.Size(width, height));

    /// <summary>Whether stored columns run against those (for 5 to 8, the rows) of the picture.</summary>
    private readonly bool _columnsBack = orientation is 2 or 3 or 7 or 8;

    /// <summary>Whether stored rows run against those (for 5 to 8, the columns) of the picture.</summary>
    private readonly bool _rowsBack = orientation is 3 or 4 or 6 or 7;

    private bool LiesOnItsSide => orientation >= 5;

    /// <summary>Takes whole rows of four bytes a pixel: red, green, blue and one that does not count.</summary>
    public void Write(ReadOnlySpan<byte> rows, int firstRow)
    {
        var stride = 4 * width;
        if (LiesOnItsSide)
        {
            WriteColumns(rows, firstRow, rows.Length / stride);
            return;
        }
        for (var y = firstRow; rows.Length > 0; y++, rows = rows[stride..])
        {
            var target = _pixels.AsSpan(3 * width * (_rowsBack ? height - 1 - y : y), 3 * width);
            if (_columnsBack)
                WriteBackwards(rows[..stride], target);
            else
                PixelBytes.Narrow(rows[..stride], target);
        }
    }

    /// <summary>The picture of that header, whose pixels are <paramref name="scale"/> of its size across and down.</summary>
    public RgbImage ToImage(ImageHeader header, double scale)
    {
        var (w, h) = LiesOnItsSide ? (height, width) : (width, height);
        // A last pixel that the picture fills in part becomes the first where the order is turned around.
        var (backwardsX, backwardsY) = LiesOnItsSide ? (_rowsBack, _columnsBack) : (_columnsBack, _rowsBack);
        return new(w, h, _pixels, new(
            header.Width, header.Height, scale, backwardsX ? w - header.Width * scale : 0, backwardsY ? h - header.Height * scale : 0));
    }

    private static void WriteBackwards(ReadOnlySpan<byte> row, Span<byte> target)
    {
        for (int i = 0, j = target.Length - 3; j >= 0; i += 4, j -= 3)
            (target[j], target[j + 1], target[j + 2]) = (row[i], row[i + 1], row[i + 2]);
    }

    /// <summary>A stored column becomes a part of a row: all rows at hand by turns, so that neighbors are written together.</summary>
    private void WriteColumns(ReadOnlySpan<byte> rows, int firstRow, int count)
    {
        for (var x = 0; x < width; x++)
        {
            var start = (_columnsBack ? width - 1 - x : x) * height + (_rowsBack ? height - firstRow - count : firstRow);
            var target = _pixels.AsSpan(3 * start, 3 * count);
            for (var i = 0; i < count; i++)
            {
                var from = rows.Slice(4 * ((_rowsBack ? count - 1 - i : i) * width + x), 3);
                (target[3 * i], target[3 * i + 1], target[3 * i + 2]) = (from[0], from[1], from[2]);
            }
        }
    }
}
