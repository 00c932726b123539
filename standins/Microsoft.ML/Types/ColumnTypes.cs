namespace Microsoft.ML.Data;

/// <summary>Questions that many places ask of a column's type.</summary>
internal static class ColumnTypes
{
    private static readonly PrimitiveDataViewType[] s_primitives =
        [.. NumberDataViewType.All, TextDataViewType.Instance, BooleanDataViewType.Instance, RowIdDataViewType.Instance];

    /// <summary>The primitive column type of a .NET type, or null.</summary>
    public static PrimitiveDataViewType FromPrimitive(Type type) => Array.Find(s_primitives, p => p.RawType == type);

    public static DataViewType ItemType(this DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    /// <summary>True where a value can be kept beyond its row: everything but structured types other than vectors.</summary>
    public static bool IsStorable(this DataViewType type) => type is PrimitiveDataViewType or VectorDataViewType;

    /// <summary>The same shape, scalar or vector, of other items.</summary>
    public static DataViewType WithItemType(this DataViewType type, PrimitiveDataViewType itemType) =>
        type is VectorDataViewType vector ? new VectorDataViewType(itemType, [.. vector.Dimensions]) : itemType;
}
