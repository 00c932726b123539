using System.Text.Json;
using static TorchSharp.torch;

namespace Pss.Benchmarks.Paper;

/// <summary>The paper's tables on generated scenes. Runs are kept in a folder: what is there is not run again.</summary>
internal static class PaperBenchmark
{
    public static void Run(string[] arguments)
    {
        var settings = PaperSettings.Parse(arguments);
        if (settings.Run is not null)
            Child(settings);
        else if (Tables(settings, Console.Out) > 0)
            Environment.ExitCode = 1;
    }

    /// <summary>Runs what is missing and prints the tables.</summary>
    /// <returns>The number of runs that failed.</returns>
    private static int Tables(PaperSettings settings, TextWriter output)
    {
        var network = PaperNetwork.Default;
        var training = new PaperTraining(network, settings);
        var runs = new PaperRuns(settings, training);
        var rows = settings.Tables.Select(table => PaperTables.Rows(table, network).Where(row => settings.Detectors.Contains(row.Options.Kind)).ToArray()).ToArray();
        var failed = settings.PrintOnly ? 0 : runs.Complete([.. rows.SelectMany(row => row)], output);

        output.WriteLine();
        output.WriteLine($"{training.Images} scenes of {network.Scenes.Width} x {network.Scenes.Height}, {settings.Steps} steps of {PaperTraining.Batch} in "
            + $"{PaperTraining.Epochs} epochs; AP and AR of at most 100 detections on {settings.Held} other scenes, mean ± standard deviation over seeds.");
        output.WriteLine("All start from the backbone and pyramid of one FCOS that was trained on other scenes. The paper's columns are mAP on COCO, ResNet-50.");
        output.WriteLine("The last column: difference ± 95 % interval, from the standard deviation between seeds over all rows of the detector.");
        var report = new PaperReport(runs.Finished, [.. PaperTables.All(network)], training.Key);
        foreach (var table in rows.Where(table => table.Length > 0))
            report.Print(PaperTables.Title(table[0].Table), table, output);
        if (settings.Tables.Contains(1) && !settings.PrintOnly)
            PaperTimes.Print(output);
        return failed;
    }

    /// <summary>One run, whose result is the whole of the output. It ends with the process that started it, whose end of the input closes then.</summary>
    private static void Child(PaperSettings settings)
    {
        new Thread(() =>
        {
            Console.In.ReadToEnd();
            Environment.Exit(1);
        })
        { IsBackground = true }.Start();
        set_num_threads(1);
        var training = new PaperTraining(PaperNetwork.Default, settings);
        var row = training.InOrder([.. PaperTables.All(PaperNetwork.Default)]).SelectMany(wave => wave).First(row => training.Key(row) == settings.Run);
        Console.WriteLine(JsonSerializer.Serialize(training.Run(row, settings.Seed)));
    }
}
