using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace DetectionService.Requests;

/// <summary>Reads the image of a request, from its body or from the first file of a form.</summary>
internal static class ImageBody
{
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
        var isForm = false;
        if (request.ContentType is { Length: > 0 } type)
        {
            var media = MediaTypeHeaderValue.TryParse(type, out var parsed) ? parsed : null;
            isForm = media?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;
            if (!isForm && media?.Type.Equals("image", StringComparison.OrdinalIgnoreCase) != true
                && media?.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase) != true)
                throw new RequestProblem(StatusCodes.Status415UnsupportedMediaType, "The content type must be an image's, such as image/jpeg, application/octet-stream, or multipart/form-data.");
            if (isForm)
                return await ReadForm(request, media!, maxBytes, cancellationToken);
        }
        return await ReadAll(request.Body, request.ContentLength, maxBytes, cancellationToken);
    }

    private static async Task<byte[]> ReadForm(HttpRequest request, MediaTypeHeaderValue media, int maxBytes, CancellationToken cancellationToken)
    {
        var boundary = HeaderUtilities.RemoveQuotes(media.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundaryLength)
            throw new RequestProblem(StatusCodes.Status400BadRequest, "The form has no boundary.");
        try
        {
            var reader = new MultipartReader(boundary, request.Body) { BodyLengthLimit = maxBytes + 1L };
            for (var i = 0; i < MaxSections && await reader.ReadNextSectionAsync(cancellationToken) is { } section; i++)
                if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) && disposition.IsFileDisposition())
                    return await ReadAll(section.Body, null, maxBytes, cancellationToken);
        }
        catch (Exception error) when (error is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new RequestProblem(StatusCodes.Status400BadRequest, "The form is damaged, or cut short.");
        }
        throw new RequestProblem(StatusCodes.Status400BadRequest, "The form has no file. Send the image as a file of the form.");
    }

    private static async Task<byte[]> ReadAll(Stream body, long? length, int maxBytes, CancellationToken cancellationToken)
    {
        if (length > maxBytes)
            throw TooLarge(maxBytes);
        // A stated length is no reason to take memory before bytes arrive.
        var bytes = new byte[Math.Min(FirstBytes, maxBytes)];
        for (var read = 0; ;)
        {
            if (read == bytes.Length)
            {
                if (read == maxBytes)
                    return await body.ReadAsync(new byte[1], cancellationToken) == 0 ? bytes : throw TooLarge(maxBytes);
                Array.Resize(ref bytes, (int)Math.Min(Math.Max(2L * read, length ?? 0), maxBytes));
            }
            var more = await body.ReadAsync(bytes.AsMemory(read), cancellationToken);
            if (more == 0)
                return read == bytes.Length ? bytes : bytes[..read];
            read += more;
        }
    }

    private static RequestProblem TooLarge(int maxBytes)
        => new(StatusCodes.Status413PayloadTooLarge, FormattableString.Invariant($"The image is larger than {maxBytes:N0} bytes. Send a smaller one."));
}
