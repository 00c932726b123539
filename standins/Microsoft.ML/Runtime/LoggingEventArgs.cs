using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public class LoggingEventArgs : EventArgs
{
    internal LoggingEventArgs(string rawMessage, ChannelMessageKind kind, string source)
    {
        RawMessage = rawMessage;
        Kind = kind;
        Source = source;
    }

    public string Message => $"[Source={Source}, Kind={Kind}] {RawMessage}";

    public string RawMessage { get; }

    public ChannelMessageKind Kind { get; }

    public string Source { get; }
}
