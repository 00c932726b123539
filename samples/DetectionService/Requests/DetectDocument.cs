using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace DetectionService.Requests;

/// <summary>The title of the OpenAPI document, and what it tells about POST /detect beside its answer.</summary>
internal static class DetectDocument
{
    public static Task Name(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "Object detection";
        return Task.CompletedTask;
    }

    public static Task Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters =
        [
            Query("threshold", "Smallest score, 0 to 1; 0.3 by default. A saved model leaves out what is below its own threshold already.", JsonSchemaType.Number),
            Query("maximum", "Most detections, up to 1,000; 100 by default.", JsonSchemaType.Integer),
        ];
        var file = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        var form = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema> { ["image"] = file } };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "A JPEG, PNG, WebP, BMP, GIF or ICO file, as the body or as the first file of a form.",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["image/*"] = new() { Schema = file },
                ["application/octet-stream"] = new() { Schema = file },
                ["multipart/form-data"] = new() { Schema = form },
            },
        };
        return Task.CompletedTask;
    }

    private static OpenApiParameter Query(string name, string description, JsonSchemaType type)
        => new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = new OpenApiSchema { Type = type } };
}
