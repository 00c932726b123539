using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Pss.Benchmarks.Paper;

/// <summary>The finished runs of a folder, and the processes that add to them.</summary>
internal sealed class PaperRuns
{
    /// <summary>The file of results: JSON, a line for each finished run.</summary>
    public const string FileName = "runs.jsonl";

    private readonly PaperSettings _settings;
    private readonly PaperTraining _training;
    private readonly List<PaperResult> _finished;
    private readonly Lock _lock = new();

    public PaperRuns(PaperSettings settings, PaperTraining training)
    {
        (_settings, _training) = (settings, training);
        Directory.CreateDirectory(settings.Folder);
        _finished = [.. Read(FilePath)];
    }

    /// <summary>Every finished run.</summary>
    public IReadOnlyList<PaperResult> Finished => _finished;

    private string FilePath => Path.Combine(_settings.Folder, FileName);

    /// <summary>Runs what rows and seeds lack, seed by seed, so that a stopped benchmark has whole tables of fewer seeds.</summary>
    /// <returns>The number of runs that failed.</returns>
    public int Complete(IReadOnlyList<PaperRow> rows, TextWriter log) => _training.InOrder(rows).Sum(wave => CompleteWave(wave, log));

    private int CompleteWave(IReadOnlyList<PaperRow> rows, TextWriter log)
    {
        var missing = Missing(rows);
        var (done, failed) = (0, 0);
        // Without buffering, so that the order is kept.
        Parallel.ForEach(Partitioner.Create(missing, EnumerablePartitionerOptions.NoBuffering), new() { MaxDegreeOfParallelism = _settings.Parallel }, run =>
        {
            var (result, errors) = InProcess(run.Key, run.Seed);
            lock (_lock)
            {
                done++;
                if (result is null)
                    failed++;
                else
                    Add(result);
                var outcome = result is null ? $"failed: {errors}"
                    : FormattableString.Invariant($"AP {result.EndToEndAp:F3} / {result.OneToManyAp:F3} in {result.Minutes:F1} minutes");
                log.WriteLine($"{done} of {missing.Length}: {run.Row.Detector}, table {run.Row.Table}, {run.Row.What}, seed {run.Seed}: {outcome}");
            }
        });
        return failed;
    }

    /// <summary>The runs that are not finished, in the order of seeds; what others start from has one seed.</summary>
    private (PaperRow Row, string Key, int Seed)[] Missing(IReadOnlyList<PaperRow> rows) =>
    [
        .. Enumerable.Range(0, _settings.Seeds)
            .SelectMany(seed => rows.Where(row => row.Table > 0 || seed == 0).Select(row => (Row: row, Key: _training.Key(row), Seed: seed)))
            .DistinctBy(run => (run.Key, run.Seed))
            .Where(run => !_finished.Exists(result => result.Key == run.Key && result.Seed == run.Seed)),
    ];

    private void Add(PaperResult result)
    {
        File.AppendAllText(FilePath, JsonSerializer.Serialize(result) + "\n");
        _finished.Add(result);
    }

    private (PaperResult? Result, string Errors) InProcess(string key, int seed)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(PaperRuns).Assembly.Location, "paper", .. _settings.ForRun(key, seed)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? (JsonSerializer.Deserialize<PaperResult>(output), "") : (null, errors.GetAwaiter().GetResult());
    }

    /// <summary>The results of a file; a last line that was not written to its end is taken off it, so that the next one starts a line.</summary>
    private static IEnumerable<PaperResult> Read(string path)
    {
        if (!File.Exists(path))
            return [];
        var text = File.ReadAllText(path);
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        if (whole.Length < text.Length)
            File.WriteAllText(path, whole);
        return whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<PaperResult>(line)!);
    }
}
