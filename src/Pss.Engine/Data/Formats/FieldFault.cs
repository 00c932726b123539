namespace Pss.Engine.Data.Formats;

/// <summary>The first thing wrong with a record.</summary>
internal sealed record FieldFault(string Field, string Problem);
