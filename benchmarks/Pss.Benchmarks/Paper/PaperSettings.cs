using System.Globalization;

namespace Pss.Benchmarks.Paper;

/// <summary>What `paper` and `figures` are asked for.</summary>
internal sealed record PaperSettings
{
    /// <summary>The options of the command line, for messages.</summary>
    public const string Usage = "paper [--tables 1,2,...] [--detectors FCOS,ATSS,CondInst] [--seeds N] [--steps N] [--held N] [--folder FOLDER] [--parallel N] [--print yes], "
        + "figures [--detectors FCOS,ATSS] [--steps N] [--held N] [--folder FOLDER] [--parallel N] [--images N] [--base FILE --selector FILE --data ANNOTATIONS]";

    /// <summary>Tables whose rows are run and printed.</summary>
    public IReadOnlyList<int> Tables { get; init; } = [.. Enumerable.Range(PaperTables.Numbers.First, PaperTables.Numbers.Last)];

    /// <summary>Base detectors, "FCOS", "ATSS" and "CondInst".</summary>
    public IReadOnlyList<string> Detectors { get; init; } = ["FCOS", "ATSS", "CondInst"];

    /// <summary>Seeds of each row.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Optimizer steps of a training.</summary>
    public int Steps { get; init; } = 1_000;

    /// <summary>Held-out scenes for the evaluation at the end.</summary>
    public int Held { get; init; } = 600;

    /// <summary>Where finished runs are kept.</summary>
    public string Folder { get; init; } = Path.Combine(Repository.Root, "artifacts", "paper");

    /// <summary>Trainings at a time, one thread each.</summary>
    public int Parallel { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether finished runs are printed and none is started.</summary>
    public bool PrintOnly { get; init; }

    /// <summary>`figures`: images shown.</summary>
    public int Images { get; init; } = 6;

    /// <summary>`figures`: the file of a base detector, instead of one of the runs.</summary>
    public string? Base { get; init; }

    /// <summary>`figures`: the file of a detector with the selector.</summary>
    public string? Selector { get; init; }

    /// <summary>`figures`: the annotations of the images to show.</summary>
    public string? Data { get; init; }

    /// <summary>In a child process, the key of its run; otherwise null.</summary>
    public string? Run { get; init; }

    /// <summary>In a child process, the seed of its run.</summary>
    public int Seed { get; init; }

    /// <summary>Reads the command line.</summary>
    public static PaperSettings Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count % 2 != 0)
            throw new ArgumentException($"'{arguments[^1]}' has no value: {Usage}");
        return arguments.Chunk(2).Aggregate(new PaperSettings(), (settings, pair) => pair[0] switch
        {
            "--tables" => settings with { Tables = [.. pair[1].Split(',').Select(table => Number(pair[0], table, PaperTables.Numbers.First, PaperTables.Numbers.Last))] },
            "--detectors" => settings with { Detectors = [.. pair[1].Split(',').Select(name => Name(pair[0], name))] },
            "--seeds" => settings with { Seeds = Number(pair[0], pair[1], 1, 1000) },
            "--steps" => settings with { Steps = Number(pair[0], pair[1], PaperTraining.Epochs, 1_000_000) },
            "--held" => settings with { Held = Number(pair[0], pair[1], 1, 1_000_000) },
            "--folder" => settings with { Folder = Path.GetFullPath(pair[1]) },
            "--parallel" => settings with { Parallel = Number(pair[0], pair[1], 1, 1000) },
            "--print" => settings with { PrintOnly = pair[1] == "yes" },
            "--images" => settings with { Images = Number(pair[0], pair[1], 1, 1000) },
            "--base" => settings with { Base = pair[1] },
            "--selector" => settings with { Selector = pair[1] },
            "--data" => settings with { Data = pair[1] },
            "--run" => settings with { Run = pair[1] },
            "--seed" => settings with { Seed = Number(pair[0], pair[1], 0, int.MaxValue) },
            var unknown => throw new ArgumentException($"'{unknown}' is no option: {Usage}"),
        });
    }

    /// <summary>The command line of a child process that does one run.</summary>
    public string[] ForRun(string key, int seed) =>
        ["--run", key, "--seed", Text(seed), "--steps", Text(Steps), "--held", Text(Held), "--folder", Folder];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string option, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new ArgumentException($"{option} is '{text}': it must be a whole number from {least} to {most}.");

    private static string Name(string option, string name) => name is "FCOS" or "ATSS" or "CondInst" ? name
        : throw new ArgumentException($"{option} is '{name}': the base detectors are FCOS, ATSS and CondInst.");
}
