using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace DetectionService.Metrics;

/// <summary>Collects the measurements of the service and of ASP.NET Core, and writes them in the text format of Prometheus.</summary>
internal sealed class PrometheusText : IHostedService, IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private const int MaxSeries = 1000;
    private static readonly string[] Meters = [ServiceMetrics.MeterName, "Microsoft.AspNetCore.Hosting"];
    private readonly Dictionary<(string Instrument, string Labels), MetricSeries> _series = [];
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();

    public PrometheusText(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // A meter of another service in the process has another factory.
            if (instrument.Meter.Scope == meters && Meters.Contains(instrument.Meter.Name))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
    }

    // The listener hears what is measured from here on, before the first request.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();

    /// <summary>All series.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (_gate)
        {
            var sorted = _series.OrderBy(series => series.Key.Instrument, StringComparer.Ordinal).ThenBy(series => series.Key.Labels, StringComparer.Ordinal);
            foreach (var family in sorted.GroupBy(series => series.Key.Instrument))
            {
                var first = family.First().Value;
                text.Append(CultureInfo.InvariantCulture, $"# HELP {family.Key} {first.Help}\n# TYPE {family.Key} {first.Kind}\n");
                foreach (var ((_, labels), series) in family)
                    series.Write(text, family.Key, labels);
            }
        }
        return text.ToString();
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (MetricSeries.NameOf(instrument), Labels(tags));
        lock (_gate)
        {
            if (!_series.TryGetValue(key, out var series))
            {
                if (_series.Count >= MaxSeries)
                    return;
                _series[key] = series = new(instrument);
            }
            series.Record(value);
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
            text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? "," : "")}{MetricSeries.Valid(name)}=\"{escaped}\"");
        }
        return text.ToString();
    }
}
