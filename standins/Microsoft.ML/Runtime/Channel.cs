using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Runtime;

internal sealed class Channel : IChannel
{
    private readonly MLContext _context;
    private readonly string _source;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public Channel(MLContext context, string source)
    {
        _context = context;
        _source = source;
        Send(ChannelMessageKind.Trace, "Channel started");
    }

    public void Trace(MessageSensitivity sensitivity, string fmt) => Send(ChannelMessageKind.Trace, fmt);

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(ChannelMessageKind.Trace, fmt, args);

    public void Info(MessageSensitivity sensitivity, string fmt) => Send(ChannelMessageKind.Info, fmt);

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(ChannelMessageKind.Info, fmt, args);

    public void Warning(MessageSensitivity sensitivity, string fmt) => Send(ChannelMessageKind.Warning, fmt);

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(ChannelMessageKind.Warning, fmt, args);

    public void Error(MessageSensitivity sensitivity, string fmt) => Send(ChannelMessageKind.Error, fmt);

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(ChannelMessageKind.Error, fmt, args);

    public void Dispose()
    {
        if (_watch.IsRunning)
        {
            _watch.Stop();
            Send(ChannelMessageKind.Trace, $"Channel finished. Elapsed {_watch.Elapsed:c}.");
            Send(ChannelMessageKind.Trace, "Channel disposed");
        }
    }

    private void Send(ChannelMessageKind kind, string format, object[] args) =>
        Send(kind, string.Format(CultureInfo.InvariantCulture, format, args));

    private void Send(ChannelMessageKind kind, string message) => _context.Send(new LoggingEventArgs(message, kind, _source));
}
