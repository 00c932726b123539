namespace DetectionService;

/// <summary>A file of the page, which is part of the program.</summary>
internal static class PageFile
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob: data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static RequestDelegate Serve(string name, string contentType)
    {
        using var stream = typeof(PageFile).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The program has no {name}.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return context =>
        {
            context.Response.ContentType = contentType;
            context.Response.ContentLength = content.Length;
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            context.Response.Headers.CacheControl = "no-cache";
            return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
        };
    }
}
