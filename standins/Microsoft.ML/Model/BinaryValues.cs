using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Column types and arrays of their items in a model file.</summary>
internal static class BinaryValues
{
    private const byte Vector = 253;
    private const byte Key = 254;

    private static readonly (PrimitiveDataViewType Type, Action<BinaryWriter, object> Write, Func<BinaryReader, object> Read)[] s_items =
    [
        (NumberDataViewType.SByte, (w, v) => w.Write((sbyte)v), r => r.ReadSByte()),
        (NumberDataViewType.Byte, (w, v) => w.Write((byte)v), r => r.ReadByte()),
        (NumberDataViewType.Int16, (w, v) => w.Write((short)v), r => r.ReadInt16()),
        (NumberDataViewType.UInt16, (w, v) => w.Write((ushort)v), r => r.ReadUInt16()),
        (NumberDataViewType.Int32, (w, v) => w.Write((int)v), r => r.ReadInt32()),
        (NumberDataViewType.UInt32, (w, v) => w.Write((uint)v), r => r.ReadUInt32()),
        (NumberDataViewType.Int64, (w, v) => w.Write((long)v), r => r.ReadInt64()),
        (NumberDataViewType.UInt64, (w, v) => w.Write((ulong)v), r => r.ReadUInt64()),
        (NumberDataViewType.Single, (w, v) => w.Write((float)v), r => r.ReadSingle()),
        (NumberDataViewType.Double, (w, v) => w.Write((double)v), r => r.ReadDouble()),
        (BooleanDataViewType.Instance, (w, v) => w.Write((bool)v), r => r.ReadBoolean()),
        (TextDataViewType.Instance, (w, v) => w.Write(v.ToString()), r => r.ReadString().AsMemory()),
        (RowIdDataViewType.Instance, (w, v) => WriteId(w, (DataViewRowId)v), r => new DataViewRowId(r.ReadUInt64(), r.ReadUInt64())),
    ];

    public static void WriteType(BinaryWriter writer, DataViewType type)
    {
        switch (type)
        {
            case VectorDataViewType vector:
                writer.Write(Vector);
                WriteType(writer, vector.ItemType);
                WriteArray(writer, NumberDataViewType.Int32, vector.Dimensions.ToArray());
                break;
            case KeyDataViewType key:
                writer.Write(Key);
                WriteType(writer, ColumnTypes.FromPrimitive(key.RawType));
                writer.Write(key.Count);
                break;
            default:
                writer.Write((byte)IndexOf(type));
                break;
        }
    }

    public static DataViewType ReadType(BinaryReader reader) => reader.ReadByte() switch
    {
        Vector => new VectorDataViewType((PrimitiveDataViewType)ReadType(reader), (int[])ReadArray(reader, NumberDataViewType.Int32)),
        Key => new KeyDataViewType(ReadType(reader).RawType, reader.ReadUInt64()),
        var index => s_items[index].Type,
    };

    public static void WriteArray(BinaryWriter writer, DataViewType itemType, Array values)
    {
        var write = s_items[IndexOf(itemType)].Write;
        writer.Write(values.Length);
        foreach (var value in values)
        {
            write(writer, value);
        }
    }

    public static Array ReadArray(BinaryReader reader, DataViewType itemType)
    {
        var read = s_items[IndexOf(itemType)].Read;
        var values = Array.CreateInstance(itemType.RawType, reader.ReadInt32());
        for (var i = 0; i < values.Length; i++)
        {
            values.SetValue(read(reader), i);
        }

        return values;
    }

    private static int IndexOf(DataViewType type) => Array.FindIndex(s_items, item => item.Type.RawType == type.RawType);

    private static void WriteId(BinaryWriter writer, DataViewRowId id)
    {
        writer.Write(id.Low);
        writer.Write(id.High);
    }
}
