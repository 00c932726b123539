using System.Diagnostics;
using Pss.Engine.Data;
using Spectre.Console;

namespace Pss.Tool;

/// <summary>Progress on standard error, so that standard output has only results: a bar on a terminal, else a line every ten seconds.</summary>
internal sealed class Progress
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly ProgressTask? _bar;
    private readonly IAnsiConsole? _console;
    private readonly bool _silent;
    private readonly string _what;
    private long _lastLine = Stopwatch.GetTimestamp();
    private double _value;

    private Progress(string what, bool silent, ProgressTask? bar, IAnsiConsole? console) => (_what, _silent, _bar, _console) = (what, silent, bar, console);

    /// <summary>How many steps there are.</summary>
    public double Steps { get; set; }

    /// <summary>Runs work that tells its progress.</summary>
    public static T Run<T>(bool silent, string what, Func<Progress, T> work)
    {
        if (silent || Console.IsErrorRedirected)
            return work(new(what, silent, null, null));
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .Start(context => work(new(what, silent, context.AddTask(Markup.Escape(what)), console)));
    }

    /// <summary>Reports that one more step is done; may be called from several threads.</summary>
    public void Step()
    {
        lock (this)
            Report(_value + 1, _what);
    }

    /// <summary>Reports how many steps are done and a description of where the work is.</summary>
    public void Report(double value, string description)
    {
        _value = value;
        if (_bar is not null)
        {
            (_bar.MaxValue, _bar.Value, _bar.Description) = (Math.Max(1, Steps), value, Markup.Escape(description));
            return;
        }
        if (_silent || Stopwatch.GetElapsedTime(_lastLine) < Interval)
            return;
        _lastLine = Stopwatch.GetTimestamp();
        Console.Error.WriteLine(description == _what ? $"{_what}: {value:0} of {Steps:0}" : description);
    }

    /// <summary>Writes a line that stays.</summary>
    public void Line(string text)
    {
        if (_console is not null)
            _console.WriteLine(text);
        else if (!_silent)
            Console.Error.WriteLine(text);
    }

    /// <summary>The same dataset; each image that is loaded is one step.</summary>
    public DetectionDataset Counting(DetectionDataset dataset)
    {
        Steps = dataset.Images.Count;
        return new()
        {
            Name = dataset.Name,
            Categories = dataset.Categories,
            Images = dataset.Images,
            MaxPixels = dataset.MaxPixels,
            ImageLoader = (image, decoding) =>
            {
                Step();
                return dataset.LoadImage(image, decoding);
            },
        };
    }
}
