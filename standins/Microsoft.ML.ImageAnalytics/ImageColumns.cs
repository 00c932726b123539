using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Checks that a column holds images.</summary>
internal static class ImageColumns
{
    internal static ImageDataViewType RequireImage(this DataViewSchema.Column column)
        => column.Type as ImageDataViewType ?? throw Errors.SchemaMismatch("inputSchema", column.Name, "image", column.Type.ToString());

    internal static SchemaShape.Column RequireImage(this SchemaShape shape, string name)
    {
        var column = shape.Require(name);
        return column.ItemType is ImageDataViewType ? column : throw Errors.SchemaMismatch("inputSchema", name, "image", column.GetTypeString());
    }
}
