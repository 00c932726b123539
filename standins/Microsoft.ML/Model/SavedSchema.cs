using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>The input schema in a model file, annotations included. Columns of images are left out silently.</summary>
internal static class SavedSchema
{
    public static void Write(BinaryWriter writer, DataViewSchema schema)
    {
        DataViewSchema.Column[] columns = [.. schema.Where(c => c.Type.IsStorable())];
        writer.Write(columns.Length);
        foreach (var column in columns)
        {
            writer.Write(column.Name);
            BinaryValues.WriteType(writer, column.Type);
            DataViewSchema.Column[] annotations = [.. column.Annotations.Schema.Where(a => a.Type.IsStorable())];
            writer.Write(annotations.Length);
            foreach (var annotation in annotations)
            {
                writer.Write(annotation.Name);
                BinaryValues.WriteType(writer, annotation.Type);
                BinaryValues.WriteArray(writer, annotation.Type.ItemType(), column.Annotations.Items(annotation));
            }
        }
    }

    public static DataViewSchema Read(BinaryReader reader)
    {
        var builder = new DataViewSchema.Builder();
        for (var columns = reader.ReadInt32(); columns > 0; columns--)
        {
            var (name, type, annotations) = (reader.ReadString(), BinaryValues.ReadType(reader), new DataViewSchema.Annotations.Builder());
            for (var count = reader.ReadInt32(); count > 0; count--)
            {
                var (kind, kindType) = (reader.ReadString(), BinaryValues.ReadType(reader));
                annotations.Add(kind, kindType, KeptItems.Getter(kindType, BinaryValues.ReadArray(reader, kindType.ItemType())));
            }

            builder.AddColumn(name, type, annotations.ToAnnotations());
        }

        return builder.ToSchema();
    }
}
