namespace StandIns.Tests.Loader;

internal sealed class TextRow
{
    public string Text { get; set; } = "";
}
