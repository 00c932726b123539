using System.Text.Json;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads what one top-level property holds; the cursor stands on the property's name.</summary>
internal delegate void JsonSection(ref JsonCursor cursor);

/// <summary>Where in a JSON file the parser is, for error messages.</summary>
internal sealed class JsonPlace
{
    public string Section { get; set; } = "";

    public int Index { get; set; } = -1;

    public long? Id { get; set; }

    public string Field { get; set; } = "";

    public string Record => Index < 0 ? Section : Id is { } id ? $"{Section}[{Index}] (id {id})" : $"{Section}[{Index}]";

    /// <summary>Steps into the array that is the value of a top-level property and calls <paramref name="record"/> on each object in it.</summary>
    public void EachRecord(ref JsonCursor cursor, string file, FaultLog faults, JsonSection record)
    {
        (Section, Index, Id, Field) = (cursor.Text, -1, null, "");
        cursor.Read();
        if (cursor.Kind != JsonTokenType.StartArray)
            throw new DatasetException(file, Section, "", "is no array");
        while (cursor.NextItem())
        {
            Index++;
            (Id, Field) = (null, "");
            if (cursor.Kind == JsonTokenType.StartObject)
            {
                record(ref cursor);
                continue;
            }
            faults.Add(file, Record, "", "is no object");
            cursor.Skip();
        }
        (Section, Index, Id, Field) = ("", -1, null, "");
    }
}
