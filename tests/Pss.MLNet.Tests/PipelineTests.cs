using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Inference;

namespace Pss.MLNet.Tests;

/// <summary>The trained transformer everywhere that a transformer can stand.</summary>
public sealed class PipelineTests(TrainedDetector trained) : IClassFixture<TrainedDetector>
{
    private const int Count = 10;
    private readonly MLContext _context = new(1);

    [Fact]
    public void Rows_are_scored_in_order_and_as_the_engine_scores_their_batch()
    {
        using var model = Transformer();
        var found = Found.Of(_context, model.Transform(Tiny.View(_context, Count)));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (float)i), found.Select(row => row.Number));
        Assert.Equal("square 7", found[7].ImagePath);
        using var detector = new Detector(trained.Model, Tiny.Options.Inference);
        var expected = Tiny.Rows(Count).Chunk(4).SelectMany(batch => detector.Detect([.. batch.Select(Tiny.Picture)])).ToArray();
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(expected[i].Select(item => (uint)item.Label + 1), found[i].PredictedLabel);
            Assert.Equal(expected[i].Select(item => item.Score), found[i].Score);
            Assert.Equal(expected[i].SelectMany(item => new[] { item.X1, item.Y1, item.X2, item.Y2 }), found[i].PredictedBoundingBoxes);
        }
        Assert.All(found, row => Assert.Equal(10, row.Score.Length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void It_stands_anywhere_in_a_chain(int place)
    {
        var copies = new[] { ("A", "Number"), ("B", "A") };
        var chain = new EstimatorChain<ITransformer>();
        for (int i = 0, copied = 0; i < 3; i++)
            chain = i == place
                ? chain.Append<ITransformer>(Estimator())
                : chain.Append<ITransformer>(_context.Transforms.CopyColumns(copies[copied].Item1, copies[copied++].Item2));
        using var model = chain.Fit(Tiny.View(_context, Count));
        var scored = model.Transform(Tiny.View(_context, Count));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (float)i), scored.GetColumn<float>("B"));
        Found.AssertSame(Expected(), Found.Of(_context, scored));
    }

    [Fact]
    public void A_cache_checkpoint_a_delegate_and_a_second_detector_come_after_it()
    {
        PssDetectionTransformer? heard = null;
        var estimator = Estimator().WithOnFitDelegate(fitted => heard = fitted).AppendCacheCheckpoint(_context)
            .Append(_context.Transforms.CopyColumns("Best", "Score"));
        using var model = estimator.Fit(Tiny.View(_context, Count));
        Assert.NotNull(heard);
        Assert.Equal(Expected().Select(row => row.Score), model.Transform(Tiny.View(_context, Count)).GetColumn<float[]>("Best"));

        var other = Tiny.Options with { PredictedLabelColumnName = "L2", PredictedBoundingBoxColumnName = "B2", ScoreColumnName = "S2" };
        using var two = Estimator().Append(_context.Transforms.LoadPssDetector(trained.File, other)).Fit(Tiny.View(_context, Count));
        var scored = two.Transform(Tiny.View(_context, Count));
        Assert.Equal(scored.GetColumn<float[]>("Score"), scored.GetColumn<float[]>("S2"));
    }

    [Fact]
    public void It_is_cached_cut_shuffled_split_and_previewed()
    {
        using var model = Transformer();
        var (scored, expected) = (model.Transform(Tiny.View(_context, Count)), Expected());
        Found.AssertSame(expected, Found.Of(_context, _context.Data.Cache(scored)));
        Found.AssertSame(expected[..3], Found.Of(_context, _context.Data.TakeRows(scored, 3)));
        Found.AssertSame(expected[7..], Found.Of(_context, _context.Data.SkipRows(scored, 7)));
        Found.AssertClose(expected, Found.Of(_context, _context.Data.ShuffleRows(scored, seed: 1)).OrderBy(row => row.Number));
        var split = _context.Data.TrainTestSplit(scored, 0.5, seed: 2);
        Found.AssertSame(expected, Found.Of(_context, split.TrainSet).Concat(Found.Of(_context, split.TestSet)).OrderBy(row => row.Number));
        var previewed = scored.Preview().ColumnView.Single(column => column.Column.Name == "Score").Values;
        Assert.Equal(expected.Select(row => row.Score), previewed.Select(value => ((VBuffer<float>)value).DenseValues().ToArray()));
        Assert.Equal(Count, model.Transform(_context.Data.TakeRows(Tiny.View(_context, 50), Count)).GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void Keys_become_class_names_and_a_custom_mapping_reads_them()
    {
        var chain = Estimator().Append(_context.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"))
            .Append(_context.Transforms.CustomMapping<Named, Told>((from, to) => to.Text = $"{from.Class[0]} {from.Score.Length}", null));
        using var model = chain.Fit(Tiny.View(_context, Count));
        var scored = model.Transform(Tiny.View(_context, Count));
        string[] names = ["bright", "dark"];
        Assert.Equal(Expected().Select(row => $"{names[row.PredictedLabel[0] - 1]} 10"), scored.GetColumn<string>("Text"));
    }

    [Fact]
    public void A_prediction_engine_scores_single_rows_with_passing_columns_and_without_an_image()
    {
        using var engine = _context.Model.CreatePredictionEngine<SquareRow, Found>(Transformer());
        var rows = Tiny.Rows(Count).ToArray();
        Found.AssertClose(Expected(), rows.Select(engine.Predict));
        rows[0].Image = null;
        var none = engine.Predict(rows[0]);
        Assert.Equal("square 0", none.ImagePath);
        Assert.Empty(none.Score);
        Assert.Empty(none.PredictedLabel);
    }

    [Fact]
    public void Rows_without_an_image_have_no_detection_and_disturb_no_other()
    {
        var rows = Tiny.Rows(Count).ToArray();
        int[] missing = [0, 4, 5, 6, 7, 9];
        foreach (var i in missing)
            rows[i].Image = null;
        using var model = Transformer();
        var found = Found.Of(_context, model.Transform(_context.Data.LoadFromEnumerable(rows)));
        var expected = Expected();
        Assert.All(missing, i => Assert.Empty(found[i].Score));
        Found.AssertClose(expected.Where((_, i) => !missing.Contains(i)), found.Where((_, i) => !missing.Contains(i)));
    }

    [Fact]
    public void Nothing_is_decoded_unless_a_detection_is_asked_for()
    {
        const int all = 200;
        using var model = Transformer();
        var rows = new CountedRows();
        var scored = model.Transform(_context.Data.LoadFromEnumerable(rows.Take(all)));
        Assert.Equal(0, rows.Read);
        using (var cursor = scored.GetRowCursor([scored.Schema["Number"]]))
        {
            Assert.False(cursor.IsColumnActive(scored.Schema["Score"]));
            for (var row = 1; row <= 3; row++)
            {
                Assert.True(cursor.MoveNext());
                Assert.Equal((row, 0), (rows.Read, rows.Decoded));
            }
        }
        Assert.Equal(all, scored.GetColumn<float>("Number").Count());
        Assert.Equal((3 + all, 0), (rows.Read, rows.Decoded));

        // How far ML.NET's own mappings read ahead, on threads of theirs, is theirs to decide; they decode nothing either.
        rows = new CountedRows();
        var source = _context.Data.LoadFromEnumerable(rows.Take(all));
        scored = model.Transform(_context.Transforms.CustomMapping<Numbered, Counted>((from, to) => to.Twice = 2 * from.Number, null).Fit(source).Transform(source));
        using (var cursor = scored.GetRowCursor([scored.Schema["Twice"]]))
        {
            Assert.True(cursor.MoveNext());
            Assert.InRange(rows.Read, 1, all);
        }
        Assert.Equal(Enumerable.Range(0, all).Select(i => 2f * i), scored.GetColumn<float>("Twice"));
        Assert.Equal(0, rows.Decoded);
    }

    [Fact]
    public void With_detections_three_batches_are_read_ahead_and_no_more()
    {
        const int batch = 4;
        using var model = Transformer();
        Assert.Equal(batch, Tiny.Options.ScoringBatchSize);
        var rows = new CountedRows();
        var scored = model.Transform(_context.Data.LoadFromEnumerable(rows.Take(200)));
        using (var cursor = scored.GetRowCursor([scored.Schema["Score"]]))
        {
            Assert.Equal(0, rows.Read);
            for (var row = 1; row <= 2 * batch + 1; row++)
            {
                Assert.True(cursor.MoveNext());
                var most = ((row - 1) / batch + 4) * batch;
                Assert.True(SpinWait.SpinUntil(() => rows.Decoded == most, TimeSpan.FromMinutes(1)), $"{rows.Decoded} of {most} after row {row}");
            }
        }
        Assert.Equal((6 * batch, 6 * batch), (rows.Read, rows.Decoded));
    }

    [Fact]
    public void Cursors_are_independent_and_may_be_left_at_any_time()
    {
        using var model = Transformer();
        var scored = model.Transform(Tiny.View(_context, Count));
        var expected = Expected();
        Parallel.For(0, 4, i =>
        {
            Found.AssertSame(expected, Found.Of(_context, scored));
            Found.AssertSame(expected[..i], _context.Data.CreateEnumerable<Found>(scored, false).Take(i));
        });
        using var unread = scored.GetRowCursor(scored.Schema);
    }

    [Fact]
    public void An_image_passes_through_whole()
    {
        using var model = Transformer();
        var scored = model.Transform(Tiny.View(_context, Count));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var (image, score) = (cursor.GetGetter<MLImage>(scored.Schema["Image"]), cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]));
        foreach (var row in Tiny.Rows(Count))
        {
            Assert.True(cursor.MoveNext());
            MLImage? passed = null;
            VBuffer<float> scores = default;
            image(ref passed!);
            score(ref scores);
            Assert.True(passed.Pixels.SequenceEqual(row.Image!.Pixels));
            Assert.Equal(10, scores.Length);
        }
        Assert.False(cursor.MoveNext());
    }

    private PssDetectionEstimator Estimator() => _context.Transforms.LoadPssDetector(trained.File, Tiny.Options);

    private PssDetectionTransformer Transformer() => Estimator().Fit(Tiny.View(_context, 1));

    private Found[] Expected()
    {
        using var model = Transformer();
        return Found.Of(_context, model.Transform(Tiny.View(_context, Count)));
    }

    private sealed class Named
    {
        public string[] Class { get; set; } = [];

        public float[] Score { get; set; } = [];
    }

    private sealed class Told
    {
        public string Text { get; set; } = "";
    }

    /// <summary>Rows that count how many of them are read, and how many of their images.</summary>
    private sealed class CountedRows
    {
        private volatile int _read;
        private int _decoded;

        public int Read => _read;

        public int Decoded => Volatile.Read(ref _decoded);

        public IEnumerable<CountedRow> Take(int count)
        {
            foreach (var row in Tiny.Rows(count))
            {
                _read++;
                yield return new(this) { Number = row.Number };
            }
        }

        public MLImage Decode()
        {
            Interlocked.Increment(ref _decoded);
            return MLImage.CreateFromPixels(2, 2, MLPixelFormat.Bgra32, new byte[16]);
        }
    }

    private sealed class CountedRow(CountedRows rows)
    {
        public float Number { get; set; }

        public MLImage Image => rows.Decode();
    }

    private sealed class Numbered
    {
        public float Number { get; set; }
    }

    private sealed class Counted
    {
        public float Twice { get; set; }
    }
}
