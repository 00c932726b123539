using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace StandIns.Tests.MLNet;

/// <summary>A transformer written by hand that reads ahead (four of ten rows at a time), everywhere that it can stand.</summary>
public sealed class LookAheadTests
{
    private static readonly float[] s_doubled = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18];
    private readonly MLContext _context = new(1);
    private readonly LookAhead _ahead = new();

    [Fact]
    public void It_reads_ahead_and_keeps_what_passes_through()
    {
        var rows = _context.Data.CreateEnumerable<Output>(_ahead.Transform(Rows()), reuseRowObject: false).ToArray();

        Assert.Equal([4, 4, 2], _ahead.Batches);
        Assert.Equal(s_doubled, rows.Select(r => r.Double));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"row {i}"), rows.Select(r => r.Text));
        Assert.Equal([9f, 9f], rows[9].Values);
        Assert.Empty(_ahead.Open);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void It_stands_anywhere_in_a_chain(int place)
    {
        var copies = new[] { ("A", "Number"), ("B", "A") };
        var chain = new EstimatorChain<ITransformer>();
        for (var i = 0; i < 3; i++)
        {
            chain = i == place ? chain.Append(_ahead.Estimator) : chain.Append((IEstimator<ITransformer>)_context.Transforms.CopyColumns(copies[i - (i > place ? 1 : 0)].Item1, copies[i - (i > place ? 1 : 0)].Item2));
        }

        var model = chain.Fit(Rows());
        var scored = model.Transform(Rows());

        Assert.Equal(s_doubled, scored.GetColumn<float>("Double"));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (float)i), scored.GetColumn<float>("B"));
        Assert.Same(_ahead, model.ElementAt(place));
        Assert.Same(model.LastTransformer, model.Last());
        Assert.Equal(3, model.GetModelFor(TransformerScope.Scoring).Count());
    }

    [Fact]
    public void It_is_cached_cut_shuffled_filtered_and_split()
    {
        var scored = _ahead.Transform(Rows());

        Assert.Equal(s_doubled, _context.Data.Cache(scored).GetColumn<float>("Double"));
        Assert.Equal(s_doubled[..3], _context.Data.TakeRows(scored, 3).GetColumn<float>("Double"));
        Assert.Equal(s_doubled[7..], _context.Data.SkipRows(scored, 7).GetColumn<float>("Double"));
        Assert.Equal(s_doubled, _context.Data.ShuffleRows(scored, seed: 1).GetColumn<float>("Double").Order());
        Assert.Equal([10, 12], _context.Data.FilterRowsByColumn(scored, "Double", 10, 14).GetColumn<float>("Double"));
        var split = _context.Data.TrainTestSplit(scored, 0.5, seed: 2);
        Assert.Equal(s_doubled, split.TrainSet.GetColumn<float>("Double").Concat(split.TestSet.GetColumn<float>("Double")).Order());
        Assert.Equal(s_doubled, scored.Preview().ColumnView.Single(c => c.Column.Name == "Double").Values.Cast<float>());
        Assert.Equal(s_doubled, _ahead.Estimator.Preview(Rows()).RowView.Select(r => r.Values.Single(v => v.Key == "Double").Value).Cast<float>());
    }

    [Fact]
    public void A_cache_checkpoint_reads_what_is_before_it_once()
    {
        var checkpoint = _ahead.Estimator.AppendCacheCheckpoint(_context)
            .Append(_context.Transforms.Conversion.MapValueToKey("Key", "Double"))
            .Append(_context.Transforms.Conversion.MapValueToKey("Again", "Double"));
        var model = checkpoint.Fit(Rows());

        Assert.Equal([4, 4, 2], _ahead.Batches);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (uint)i), model.Transform(Rows()).GetColumn<uint>("Again"));
    }

    [Fact]
    public void A_delegate_hears_of_the_fit()
    {
        ITransformer? heard = null;
        var estimator = _ahead.Estimator.WithOnFitDelegate(t => heard = t).Append(_context.Transforms.CopyColumns("Copy", "Double"));

        Assert.Equal(s_doubled, estimator.Fit(Rows()).Transform(Rows()).GetColumn<float>("Copy"));
        Assert.Same(_ahead, heard);
    }

    [Fact]
    public void Keys_and_custom_mappings_come_after_it()
    {
        var chain = _ahead.Estimator
            .Append(_context.Transforms.Conversion.MapValueToKey("Key", "Double"))
            .Append(_context.Transforms.CustomMapping<Keyed, Named>((keyed, named) => named.Name = $"{keyed.Key}:{keyed.Double}", null))
            .Append(_context.Transforms.Conversion.MapKeyToValue("Back", "Key"));
        var scored = chain.Fit(Rows()).Transform(Rows());

        Assert.Equal(s_doubled, scored.GetColumn<float>("Back"));
        Assert.Equal("10:18", scored.GetColumn<string>("Name").Last());
    }

    [Fact]
    public void A_prediction_engine_takes_it_with_pass_through_columns_and_without_an_image()
    {
        PictureType.Register();
        var model = new Painter().Estimator.Append(_ahead.Estimator).Append(_context.Transforms.CopyColumns("Copy", "Text")).Fit(Rows());
        using var engine = _context.Model.CreatePredictionEngine<Row, Pictured>(model);
        var seen = engine.Predict(new Row { Number = 4, Text = "cat" });
        Assert.Equal((8f, "cat", "cat"), (seen.Double, seen.Copy, seen.Picture?.Name));
        var unseen = engine.Predict(new Row { Number = 5 });
        Assert.Equal((10f, null), (unseen.Double, unseen.Picture));
    }

    private IDataView Rows() =>
        _context.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(i => new Row { Number = i, Text = $"row {i}", Values = [i, i] }).ToArray());

    private sealed class Row
    {
        public float Number { get; set; }

        public string Text { get; set; } = "";

        public float[] Values { get; set; } = [];
    }

    private sealed class Output
    {
        public float Double { get; set; }

        public string Text { get; set; } = "";

        public float[] Values { get; set; } = [];
    }

    private sealed class Pictured
    {
        public float Double { get; set; }

        public string Copy { get; set; } = "";

        public Picture? Picture { get; set; }
    }

    private sealed class Keyed
    {
        [KeyType(10)]
        public uint Key { get; set; }

        public float Double { get; set; }
    }

    private sealed class Named
    {
        public string Name { get; set; } = "";
    }
}
