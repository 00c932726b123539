using Microsoft.ML;

namespace Pss.MLNet.Tests;

/// <summary>Training, saving, loading and a program's output in other cultures.</summary>
[Collection(nameof(Cultures))]
public sealed class CultureTests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [CulturesTheory]
    [MemberData(nameof(CulturesTheoryAttribute.Rows), MemberType = typeof(CulturesTheoryAttribute))]
    public void A_model_is_trained_saved_and_loaded_alike(string culture)
    {
        var (expected, lines) = CulturesTheoryAttribute.In("", Run);
        var (found, others) = CulturesTheoryAttribute.In(culture, Run);
        Found.AssertSame(expected, found);
        Assert.Equal(lines, others);
        // Saved here, loaded there.
        Found.AssertSame(expected, Loaded(new MLContext(1)));

        (Found[] Found, string[] Lines) Run()
        {
            var context = new MLContext(1);
            var messages = new List<string>();
            context.Log += (_, message) => messages.Add(message.RawMessage);
            var view = Tiny.View(context, 8);
            using var model = Tiny.Pipeline(context, Tiny.Options with { Context = context }).Fit(view);
            context.Model.Save(model, view.Schema, _folder["model.zip"]);
            // Up to the speed, which is each run's own.
            string[] steps = [.. messages.Where(message => message.StartsWith("epoch ", StringComparison.Ordinal))
                .Select(message => message.Split(" images/s")[0]).Select(message => message[..message.LastIndexOf(',')])];
            Assert.Contains(steps, line => line.Contains("loss "));
            return (Loaded(context), steps);
        }

        Found[] Loaded(MLContext context)
        {
            var model = context.Model.Load(_folder["model.zip"], out _);
            using var loaded = (IDisposable)model;
            return Found.Of(context, model.Transform(Tiny.View(context, 4)));
        }
    }

    [CulturesTheory]
    [MemberData(nameof(CulturesTheoryAttribute.Rows), MemberType = typeof(CulturesTheoryAttribute))]
    public void A_program_writes_the_same_csv(string culture)
    {
        Directory.CreateDirectory(_folder["pictures"]);
        foreach (var row in Tiny.Rows(3))
            Tiny.Picture(row).SavePng(_folder["pictures", $"I{row.Number}i.PNG"]);
        foreach (var name in (string[])["en-US", culture])
            FreshProcess.RunUnder(name, "ScoreFolder", trained.File, _folder["pictures"], _folder[$"{name}.csv"], "0.001");
        var csv = File.ReadAllText(_folder["en-US.csv"]);
        Assert.True(csv.Split('\n').Length > 3);
        Assert.Equal(csv, File.ReadAllText(_folder[$"{culture}.csv"]));
    }
}
