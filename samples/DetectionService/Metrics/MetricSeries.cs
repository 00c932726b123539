using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace DetectionService.Metrics;

/// <summary>The measurements of an instrument with one set of labels: a counter, a gauge or a histogram.</summary>
internal sealed class MetricSeries
{
    private readonly double[]? _bounds;
    private readonly long[] _buckets = [];
    private readonly bool _isCounter;
    private double _sum;
    private long _count;

    public MetricSeries(Instrument instrument)
    {
        Help = instrument.Description ?? instrument.Name;
        _bounds = instrument switch
        {
            Histogram<double> histogram => [.. histogram.Advice?.HistogramBucketBoundaries ?? []],
            Histogram<int> histogram => [.. histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound) ?? []],
            _ => null,
        };
        _buckets = new long[_bounds?.Length ?? 0];
        _isCounter = instrument is Counter<long>;
        Kind = _bounds is not null ? "histogram" : _isCounter ? "counter" : "gauge";
        IsSum = _isCounter || instrument is UpDownCounter<long>;
    }

    public string Help { get; }

    public string Kind { get; }

    /// <summary>Whether measurements are added; else the last one counts.</summary>
    private bool IsSum { get; }

    /// <summary>The name of an instrument in Prometheus: with its unit, and "_total" for a counter.</summary>
    public static string NameOf(Instrument instrument)
        => Valid(instrument.Name) + (instrument.Unit == "s" ? "_seconds" : "") + (instrument is Counter<long> ? "_total" : "");

    /// <summary>A name of the characters that Prometheus allows.</summary>
    public static string Valid(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    public void Record(double value)
    {
        _sum = _bounds is not null || IsSum ? _sum + value : value;
        _count++;
        for (var i = 0; i < _buckets.Length; i++)
            if (value <= _bounds![i])
                _buckets[i]++;
    }

    public void Write(StringBuilder text, string name, string labels)
    {
        var braces = labels.Length > 0 ? $"{{{labels}}}" : "";
        if (_bounds is null)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{braces} {_sum}\n");
            return;
        }
        var more = labels.Length > 0 ? labels + "," : "";
        for (var i = 0; i < _buckets.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{more}le=\"{_bounds[i]}\"}} {_buckets[i]}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{more}le=\"+Inf\"}} {_count}\n{name}_sum{braces} {_sum}\n{name}_count{braces} {_count}\n");
    }
}
