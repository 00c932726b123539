using Microsoft.Win32.SafeHandles;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Decoded images in a temporary file of 3 bytes a pixel: the system keeps in memory what fits. Reading is thread-safe.</summary>
internal sealed class PixelCache : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly List<(long Offset, int Width, int Height)> _images = [];
    private long _length;

    /// <summary>Makes the file, which the system deletes when it is closed, however the process ends.</summary>
    public PixelCache(string folder)
        => _file = File.OpenHandle(Path.Combine(folder, $"pss-{Environment.ProcessId}-{Guid.NewGuid():n}.pixels"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
            FileOptions.DeleteOnClose | FileOptions.RandomAccess);

    /// <summary>Adds an image and gives its index.</summary>
    public int Add(RgbImage image)
    {
        RandomAccess.Write(_file, image.Pixels, _length);
        _images.Add((_length, image.Width, image.Height));
        _length += image.Pixels.Length;
        return _images.Count - 1;
    }

    /// <summary>An image as it was added.</summary>
    public RgbImage Load(int index)
    {
        var (offset, width, height) = _images[index];
        var image = new RgbImage(width, height);
        for (var done = 0; done < image.Pixels.Length;)
        {
            var read = RandomAccess.Read(_file, image.Pixels.AsSpan(done), offset + done);
            done += read > 0 ? read : throw new EndOfStreamException("The temporary file of training images was cut short.");
        }
        return image;
    }

    public void Dispose() => _file.Dispose();
}
