namespace Microsoft.ML.Runtime;

internal static class Errors
{
    public static Exception SchemaMismatch(string parameter, string column, string expected, string actual) =>
        new ArgumentOutOfRangeException(parameter, $"Schema mismatch for input column '{column}': expected {expected}, got {actual}");

    public static Exception MissingColumn(string parameter, string column) =>
        new ArgumentOutOfRangeException(parameter, $"Could not find input column '{column}'");
}
