using Microsoft.Win32.SafeHandles;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Decoded images in a temporary file of 3 bytes per pixel, which the system caches as memory permits. Reading is thread-safe.</summary>
internal sealed class PixelCache : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly List<(long Offset, int Width, int Height)> _images = [];
    private long _length;

    /// <summary>Creates the file; the system deletes it when the handle closes, also if the process is killed.</summary>
    public PixelCache(string folder)
        => _file = File.OpenHandle(Path.Combine(folder, $"pss-{Environment.ProcessId}-{Guid.NewGuid():n}.pixels"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
            FileOptions.DeleteOnClose | FileOptions.RandomAccess);

    /// <summary>Adds an image and returns its index.</summary>
    public int Add(RgbImage image)
    {
        RandomAccess.Write(_file, image.Pixels, _length);
        _images.Add((_length, image.Width, image.Height));
        _length += image.Pixels.Length;
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
