using System.Text;
using System.Text.Json;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads the value of a top-level property; the cursor is at the property's name.</summary>
internal delegate void JsonSection(ref JsonCursor cursor);

/// <summary>The parser's position in a JSON file, for error messages.</summary>
internal sealed class JsonPlace
{
    public string Section { get; set; } = "";

    public int Index { get; set; } = -1;

    public long? Id { get; set; }

    public string Field { get; set; } = "";

    public string Record => Index < 0 ? Section : Id is { } id ? $"{Section}[{Index}] (id {id})" : $"{Section}[{Index}]";

    /// <summary>What is wrong with a file that cannot be parsed.</summary>
    public static string Problem(Exception fault) => fault.InnerException is DecoderFallbackException || fault.Message.Contains("UTF-8", StringComparison.Ordinal)
        ? DatasetFile.NotUtf8Problem
        : $"is cut short or not JSON (which has no NaN and no Infinity): {fault.Message}";

    /// <summary>Reads the array of a top-level property and calls <paramref name="record"/> on each object in it.</summary>
    public void EachRecord(ref JsonCursor cursor, string file, FaultLog faults, JsonSection record)
    {
        (Section, Index, Id, Field) = (cursor.Text, -1, null, "");
        cursor.Read();
        if (cursor.Kind != JsonTokenType.StartArray)
            throw new DatasetException(file, Section, "", "is not an array");
        while (cursor.NextItem())
        {
            Index++;
            (Id, Field) = (null, "");
            if (cursor.Kind == JsonTokenType.StartObject)
            {
                record(ref cursor);
                continue;
            }
            faults.Add(file, Record, "", "is not an object");
            cursor.Skip();
        }
        (Section, Index, Id, Field) = ("", -1, null, "");
    }
}
