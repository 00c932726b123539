namespace Pss.Engine.Data.Formats;

/// <summary>The first fault of a record.</summary>
internal sealed record FieldFault(string Field, string Problem);
