using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Decoding, encoding and scaling by libgdk-pixbuf.</summary>
internal static unsafe class GdkPixbuf
{
    private const string Pixbuf = "libgdk_pixbuf-2.0.so.0", GObject = "libgobject-2.0.so.0", GLib = "libglib-2.0.so.0";
    private const int Bilinear = 2;

    static GdkPixbuf() => NativeCode.Require(Pixbuf);

    /// <summary>
    /// The picture as premultiplied blue, green, red, alpha, or null where the bytes are no picture. Like Skia it takes a file cut
    /// short for what there is of it; rows that no decoder fills in are black.
    /// </summary>
    internal static byte[] Decode(ReadOnlySpan<byte> file, out int width, out int height)
    {
        width = height = 0;
        var loader = gdk_pixbuf_loader_new();
        try
        {
            g_signal_connect_data(loader, "area-prepared", &Blacken, 0, 0, 0);
            IntPtr writeError = 0, closeError = 0;
            fixed (byte* bytes = file)
                gdk_pixbuf_loader_write(loader, bytes, (nuint)file.Length, &writeError);
            gdk_pixbuf_loader_close(loader, &closeError);
            g_clear_error(&writeError);
            g_clear_error(&closeError);
            var pixbuf = gdk_pixbuf_loader_get_pixbuf(loader);
            if (pixbuf == 0)
                return null;
            (width, height) = (gdk_pixbuf_get_width(pixbuf), gdk_pixbuf_get_height(pixbuf));
            var (channels, stride) = (gdk_pixbuf_get_n_channels(pixbuf), gdk_pixbuf_get_rowstride(pixbuf));
            var source = gdk_pixbuf_get_pixels(pixbuf);
            var pixels = new byte[checked(width * height * 4)];
            var to = 0;
            for (var y = 0; y < height; y++)
            {
                var from = source + (long)y * stride;
                for (var x = 0; x < width; x++, from += channels, to += 4)
                {
                    var alpha = channels == 4 ? from[3] : 255;
                    pixels[to] = Premultiply(from[2], alpha);
                    pixels[to + 1] = Premultiply(from[1], alpha);
                    pixels[to + 2] = Premultiply(from[0], alpha);
                    pixels[to + 3] = (byte)alpha;
                }
            }
            return pixels;
        }
        finally
        {
            g_object_unref(loader);
        }
    }

    /// <summary>Encodes red, green, blue rows as "png" or "jpeg" of full quality.</summary>
    internal static byte[] Encode(byte[] rgb, int width, int height, string format)
    {
        fixed (byte* data = rgb)
        {
            var pixbuf = gdk_pixbuf_new_from_data(data, 0, 0, 8, width, height, width * 3, 0, 0);
            IntPtr error = 0;
            try
            {
                string[] keys = format == "jpeg" ? ["quality", null] : [null], values = format == "jpeg" ? ["100", null] : [null];
                if (gdk_pixbuf_save_to_bufferv(pixbuf, out var buffer, out var size, format, keys, values, &error) == 0)
                    throw new InvalidOperationException(Marshal.PtrToStringUTF8(((IntPtr*)error)[1])); // GError: domain, code, message
                var bytes = new ReadOnlySpan<byte>((void*)buffer, (int)size).ToArray();
                g_free(buffer);
                return bytes;
            }
            finally
            {
                g_clear_error(&error);
                g_object_unref(pixbuf);
            }
        }
    }

    /// <summary>Draws the whole of a picture into a rectangle of another, which may reach beyond its edges.</summary>
    internal static void Draw(MLImage source, byte[] destination, int width, int height, int x, int y, int drawnWidth, int drawnHeight)
    {
        var (left, top) = (Math.Max(0, x), Math.Max(0, y));
        var (right, bottom) = (Math.Min(width, x + drawnWidth), Math.Min(height, y + drawnHeight));
        if (right <= left || bottom <= top)
            return;
        fixed (byte* from = source.Pixels, to = destination)
        {
            var (input, output) = (Wrap(from, source.Width, source.Height), Wrap(to, width, height));
            gdk_pixbuf_scale(input, output, left, top, right - left, bottom - top, x, y,
                (double)drawnWidth / source.Width, (double)drawnHeight / source.Height, Bilinear);
            g_object_unref(input);
            g_object_unref(output);
        }
    }

    private static IntPtr Wrap(byte* pixels, int width, int height) => gdk_pixbuf_new_from_data(pixels, 0, 1, 8, width, height, width * 4, 0, 0);

    private static byte Premultiply(int value, int alpha) => (byte)((value * alpha + 127) / 255);

    [UnmanagedCallersOnly]
    private static void Blacken(IntPtr loader, IntPtr data) => gdk_pixbuf_fill(gdk_pixbuf_loader_get_pixbuf(loader), 0);

    [DllImport(Pixbuf)] private static extern IntPtr gdk_pixbuf_loader_new();
    [DllImport(Pixbuf)] private static extern int gdk_pixbuf_loader_write(IntPtr loader, byte* bytes, nuint count, IntPtr* error);
    [DllImport(Pixbuf)] private static extern int gdk_pixbuf_loader_close(IntPtr loader, IntPtr* error);
    [DllImport(Pixbuf)] private static extern IntPtr gdk_pixbuf_loader_get_pixbuf(IntPtr loader);
    [DllImport(Pixbuf)] private static extern void gdk_pixbuf_fill(IntPtr pixbuf, uint rgba);
    [DllImport(Pixbuf)] private static extern int gdk_pixbuf_get_width(IntPtr pixbuf);
    [DllImport(Pixbuf)] private static extern int gdk_pixbuf_get_height(IntPtr pixbuf);
    [DllImport(Pixbuf)] private static extern int gdk_pixbuf_get_n_channels(IntPtr pixbuf);
    [DllImport(Pixbuf)] private static extern int gdk_pixbuf_get_rowstride(IntPtr pixbuf);
    [DllImport(Pixbuf)] private static extern byte* gdk_pixbuf_get_pixels(IntPtr pixbuf);

    [DllImport(Pixbuf)]
    private static extern IntPtr gdk_pixbuf_new_from_data(byte* data, int colorspace, int alpha, int bits, int width, int height, int stride,
        IntPtr free, IntPtr freeData);

    [DllImport(Pixbuf)]
    private static extern void gdk_pixbuf_scale(IntPtr source, IntPtr destination, int x, int y, int width, int height,
        double offsetX, double offsetY, double scaleX, double scaleY, int interpolation);

    [DllImport(Pixbuf)]
    private static extern int gdk_pixbuf_save_to_bufferv(IntPtr pixbuf, out IntPtr buffer, out nuint size, [MarshalAs(UnmanagedType.LPUTF8Str)] string type,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string[] keys,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string[] values, IntPtr* error);

    [DllImport(GObject)]
    private static extern nuint g_signal_connect_data(IntPtr instance, [MarshalAs(UnmanagedType.LPUTF8Str)] string signal,
        delegate* unmanaged<IntPtr, IntPtr, void> handler, IntPtr data, IntPtr destroy, int flags);

    [DllImport(GObject)] private static extern void g_object_unref(IntPtr instance);
    [DllImport(GLib)] private static extern void g_clear_error(IntPtr* error);
    [DllImport(GLib)] private static extern void g_free(IntPtr memory);
}
