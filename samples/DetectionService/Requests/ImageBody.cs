using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace DetectionService.Requests;

/// <summary>Reads the image of a request, from its body or from the first file of a form.</summary>
internal static class ImageBody
{
    /// <summary>Bytes of a form beside its file.</summary>
    private const int FormBytes = 64 << 10;

    private const int MaxBoundaryLength = 200;
    private const int MaxSections = 16;
    private const int FirstBytes = 64 << 10;

    /// <summary>Reads the image.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">Largest size of the image.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RequestProblem">There is no image, or it is too large.</exception>
    public static async Task<byte[]> Read(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        var media = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed : null;
        var isForm = media?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;
        if (!isForm && !string.IsNullOrEmpty(request.ContentType) && media?.Type.Equals("image", StringComparison.OrdinalIgnoreCase) != true
            && media?.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new RequestProblem(StatusCodes.Status415UnsupportedMediaType,
                $"The content type must be an image's, such as image/jpeg, application/octet-stream, or multipart/form-data.");
        }
        var limit = isForm ? (int)Math.Min(maxBytes + (long)FormBytes, Array.MaxLength) : maxBytes;
        // A token in the reads would leave the last one pending, and the server could not end the request in order.
        using var end = cancellationToken.Register(request.BodyReader.CancelPendingRead);
        var body = request.ContentLength > limit ? null : await ReadAll(request.BodyReader, (int?)request.ContentLength ?? FirstBytes, limit);
        var image = body is not null && isForm ? await FileOf(media!, body) : body;
        return image is not null && image.Length <= maxBytes
            ? image : throw new RequestProblem(StatusCodes.Status413PayloadTooLarge, $"The image is larger than {maxBytes:N0} bytes. Send a smaller one.");
    }

    /// <summary>The first file of a form.</summary>
    private static async Task<byte[]> FileOf(MediaTypeHeaderValue media, byte[] form)
    {
        var boundary = HeaderUtilities.RemoveQuotes(media.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundaryLength)
            throw new RequestProblem(StatusCodes.Status400BadRequest, $"The form has no boundary.");
        try
        {
            var reader = new MultipartReader(boundary, new MemoryStream(form));
            for (var i = 0; i < MaxSections && await reader.ReadNextSectionAsync() is { } section; i++)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.IsFileDisposition())
                    continue;
                using var file = new MemoryStream(form.Length);
                await section.Body.CopyToAsync(file);
                return file.ToArray();
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new RequestProblem(StatusCodes.Status400BadRequest, $"The form is damaged, or cut short.");
        }
        throw new RequestProblem(StatusCodes.Status400BadRequest, $"The form has no file. Send the image as a file of the form.");
    }

    /// <summary>The whole body; null if it is larger than the limit.</summary>
    private static async Task<byte[]?> ReadAll(PipeReader reader, int length, int limit)
    {
        // A stated length is no reason to take memory before bytes arrive.
        var bytes = new ArrayBufferWriter<byte>(Math.Clamp(length, 1, FirstBytes));
        while (true)
        {
            var result = await reader.ReadAsync();
            var fits = bytes.WrittenCount + result.Buffer.Length <= limit;
            if (fits && !result.IsCanceled)
                foreach (var part in result.Buffer)
                    bytes.Write(part.Span);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCanceled)
                throw new OperationCanceledException();
            if (!fits)
                return null;
            if (result.IsCompleted)
                return bytes.WrittenSpan.ToArray();
        }
    }
}
