using Microsoft.Win32.SafeHandles;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Decoded images in a temporary file of 3 bytes per pixel, which the system caches as memory permits. The file vanishes with the process, however that
/// ends. Reading is thread-safe.</summary>
internal sealed class PixelCache : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly List<(long Offset, int Width, int Height)> _images = [];
    private readonly long _limit;

    /// <summary>Creates the file.</summary>
    /// <param name="folder">The folder for temporary files.</param>
    /// <param name="limit">Largest number of bytes.</param>
    public PixelCache(string folder, long limit)
    {
        _limit = limit;
        var path = Path.Combine(folder, $"pss-{Environment.ProcessId}-{Guid.NewGuid():n}.pixels");
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose | FileOptions.RandomAccess);
        // Windows deletes the file with its last handle. Elsewhere only this process would: a file without a name needs nobody.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
    }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; private set; }

    /// <summary>Adds an image and returns its index.</summary>
    public int Add(RgbImage image)
    {
        if (Length + image.Pixels.Length > _limit)
        {
            throw new IOException(FormattableString.Invariant($"The decoded images of the training rows exceed {_limit:N0} bytes after {_images.Count} images. Give the column of file names ")
                + $"instead of the image column, or raise {nameof(PssDetectionOptions)}.{nameof(PssDetectionOptions.MaxTemporaryBytes)} (the file lies in the context's TempFilePath, or in the system's folder).");
        }
        RandomAccess.Write(_file, image.Pixels, Length);
        _images.Add((Length, image.Width, image.Height));
        Length += image.Pixels.Length;
        return _images.Count - 1;
    }

    /// <summary>Reads an image.</summary>
    public RgbImage Load(int index)
    {
        var (offset, width, height) = _images[index];
        var image = new RgbImage(width, height);
        for (var done = 0; done < image.Pixels.Length;)
        {
            var read = RandomAccess.Read(_file, image.Pixels.AsSpan(done), offset + done);
            done += read > 0 ? read : throw new EndOfStreamException("The temporary file of training images is truncated.");
        }
        return image;
    }

    public void Dispose() => _file.Dispose();
}
