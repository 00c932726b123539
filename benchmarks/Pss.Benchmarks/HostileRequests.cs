using System.Net;
using System.Net.Http.Headers;
using SkiaSharp;

namespace Pss.Benchmarks;

/// <summary>Requests that are broken or hostile, each with the status that the service documents for it.</summary>
internal sealed class HostileRequests
{
    private const int TooManyBytes = (16 << 20) + 1;
    private const int LargeHeader = 20_000;
    private readonly (string Name, byte[] Image, string Type, HttpStatusCode Status)[] _kinds;

    public HostileRequests(byte[] jpeg)
    {
        byte[] scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0];
        _kinds =
        [
            ("bomb of 100 million pixels", Bomb(10_000), "image/png", HttpStatusCode.RequestEntityTooLarge),
            ("cut short", jpeg[..(jpeg.Length / 2)], "image/jpeg", HttpStatusCode.BadRequest),
            ("header cut short", jpeg[..50], "image/jpeg", HttpStatusCode.BadRequest),
            ("no image", [.. Enumerable.Repeat((byte)'x', 10_000)], "image/jpeg", HttpStatusCode.UnsupportedMediaType),
            ("another content type", jpeg, "text/html", HttpStatusCode.UnsupportedMediaType),
            ("empty", [], "image/jpeg", HttpStatusCode.BadRequest),
            ("JPEG of 5,000 scans", [.. jpeg[..^2], .. Enumerable.Repeat(scan, 5000).SelectMany(bytes => bytes)], "image/jpeg", HttpStatusCode.BadRequest),
            ("too many bytes", new byte[TooManyBytes], "image/jpeg", HttpStatusCode.RequestEntityTooLarge),
            ("broken form", "--x\r\nContent-Disposition: form-data"u8.ToArray(), "multipart/form-data; boundary=x", HttpStatusCode.BadRequest),
            ("large header", jpeg, "image/jpeg", HttpStatusCode.RequestHeaderFieldsTooLarge),
            ("client that leaves", jpeg, "image/jpeg", HttpStatusCode.OK),
        ];
    }

    public IEnumerable<string> Names => _kinds.Select(kind => kind.Name);

    /// <summary>Sends one; null if the answer is the documented one, else what happened.</summary>
    public async Task<string?> Send(HttpClient client, Uri address, int index)
    {
        var (name, image, type, status) = _kinds[index % _kinds.Length];
        using var content = new ByteArrayContent(image);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        using var leave = new CancellationTokenSource();
        if (status == HttpStatusCode.OK)
            leave.CancelAfter(TimeSpan.FromMilliseconds(5));
        if (status == HttpStatusCode.RequestHeaderFieldsTooLarge)
            request.Headers.Add("X-Large", new string('x', LargeHeader));
        try
        {
            using var response = await client.SendAsync(request, leave.Token);
            return response.StatusCode == status ? null : $"{name}: {(int)response.StatusCode} in place of {(int)status}";
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            return null;
        }
        catch (HttpRequestException error)
        {
            return $"{name}: {error.Message}";
        }
    }

    private static byte[] Bomb(int side)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Gray8, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.Black);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
