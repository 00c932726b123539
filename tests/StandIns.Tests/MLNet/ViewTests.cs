using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class ViewTests
{
    private readonly MLContext _context = new(1);

    public ViewTests() => PictureType.Register();

    [Fact]
    public void Take_and_skip_cut_rows_off_and_do_not_read_past_the_end()
    {
        var read = 0;
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(i => new Row { Number = read = i }));

        Assert.Equal([0, 1, 2], Numbers(_context.Data.TakeRows(data, 3)));
        Assert.Equal(2, read);
        Assert.Equal([7, 8, 9], Numbers(_context.Data.SkipRows(data, 7)));
        Assert.Empty(Numbers(_context.Data.SkipRows(data, 20)));
        Assert.Equal(4, _context.Data.TakeRows(Rows(10), 4).GetRowCount());
        Assert.Equal([0, 1], Positions(_context.Data.SkipRows(Rows(4), 2)));
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(5, false)]
    [InlineData(1, false)]
    public void Shuffling_keeps_every_row_and_repeats_itself_by_seed(int pool, bool source)
    {
        var data = Rows(100);
        var shuffled = _context.Data.ShuffleRows(data, seed: 3, pool, source);
        var order = Numbers(shuffled);

        Assert.Equal(Enumerable.Range(0, 100), order.Order().Select(n => (int)n));
        Assert.Equal(pool == 1, order.SequenceEqual(Numbers(data)));
        Assert.Equal(order, Numbers(shuffled));
        Assert.Equal(order, Numbers(_context.Data.ShuffleRows(data, seed: 3, pool, source)));
        if (!source)
        {
            Assert.True(order.Select((n, i) => n - i).Max() < pool);
        }
    }

    [Fact]
    public void Shuffled_rows_keep_their_ids()
    {
        var shuffled = _context.Data.ShuffleRows(Rows(20), seed: 1, shuffleSource: false);
        using var cursor = shuffled.GetRowCursor(shuffled.Schema);
        var (number, id) = (cursor.GetGetter<float>(shuffled.Schema["Number"]), cursor.GetIdGetter());
        var (value, rowId) = (0f, default(DataViewRowId));
        while (cursor.MoveNext())
        {
            number(ref value);
            id(ref rowId);
            Assert.Equal(((ulong)value, 0UL), (rowId.Low, rowId.High));
        }

        Assert.Equal(19, cursor.Position);
    }

    [Fact]
    public void Filtering_takes_the_lower_bound_in_and_leaves_the_upper_one_and_nan_out()
    {
        var data = _context.Data.LoadFromEnumerable(new float[] { 1, 2, 3, float.NaN }.Select(n => new Row { Number = n }));

        Assert.Equal([2], Numbers(_context.Data.FilterRowsByColumn(data, "Number", 2, 3)));
        Assert.Equal([1, 2, 3], Numbers(_context.Data.FilterRowsByColumn(data, "Number")));
        Assert.Throws<ArgumentException>(() => _context.Data.FilterRowsByColumn(data, "Text"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Data.FilterRowsByColumn(data, "None"));
        var texts = _context.Data.FilterRowsByColumn(data, "Number", 2).GetColumn<string>("Text");
        Assert.Equal(2, texts.Count());
    }

    [Fact]
    public void A_split_is_complete_and_repeats_itself_by_seed()
    {
        var data = Rows(1000);
        var split = _context.Data.TrainTestSplit(data, 0.2, seed: 5);
        float[] train = Numbers(split.TrainSet), test = Numbers(split.TestSet);

        Assert.Equal(Numbers(data), train.Concat(test).Order());
        Assert.InRange(test.Length, 140, 260);
        Assert.Equal(test, Numbers(_context.Data.TrainTestSplit(data, 0.2, seed: 5).TestSet));
        Assert.NotEqual(test, Numbers(_context.Data.TrainTestSplit(data, 0.2, seed: 6).TestSet));
        Assert.Equal(Numbers(new MLContext(9).Data.TrainTestSplit(data).TestSet), Numbers(new MLContext(9).Data.TrainTestSplit(data).TestSet));
    }

    [Fact]
    public void Rows_of_one_sampling_key_stay_together()
    {
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new Row { Number = i, Text = $"group {i % 30}" }));
        var split = _context.Data.TrainTestSplit(data, 0.3, samplingKeyColumnName: "Text", seed: 1);
        string[] train = [.. split.TrainSet.GetColumn<string>("Text").Distinct()], test = [.. split.TestSet.GetColumn<string>("Text").Distinct()];

        Assert.Empty(train.Intersect(test));
        Assert.Equal(30, train.Length + test.Length);
        Assert.NotEmpty(test);
    }

    [Fact]
    public void A_cache_reads_its_input_once_and_loses_image_columns_silently()
    {
        var passes = 0;
        IEnumerable<Row> Source()
        {
            passes++;
            for (var i = 0; i < 5; i++)
            {
                yield return new Row { Number = i, Values = [i, i], Picture = new Picture("p") };
            }
        }

        var cached = _context.Data.Cache(_context.Data.LoadFromEnumerable(Source()), "Number");

        Assert.Null(cached.Schema.GetColumnOrNull("Picture"));
        Assert.Equal([0, 1, 2, 3, 4], Numbers(cached));
        Assert.Equal([0, 1, 2, 3, 4], Numbers(cached));
        Assert.Equal(1, passes);
        Assert.Equal([4f, 4f], cached.GetColumn<float[]>("Values").Last());
        Assert.Equal(2, passes);
        Assert.Equal(5, cached.GetRowCount());
        using var shuffled = cached.GetRowCursor([], new Random(1));
        Assert.True(cached.CanShuffle);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Data.Cache(cached, "Picture"));
    }

    [Fact]
    public void A_cache_does_not_take_vectors_of_another_length_than_their_type_says()
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Values"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3);
        definition.Remove(definition["Picture"]);
        var cached = _context.Data.Cache(_context.Data.LoadFromEnumerable([new Row { Values = [1] }], definition));

        Assert.Throws<InvalidOperationException>(() => cached.GetColumn<float[]>("Values").ToArray());
    }

    [Fact]
    public void Shuffling_loses_image_columns_silently_too()
    {
        Assert.Null(_context.Data.ShuffleRows(Rows(3)).Schema.GetColumnOrNull("Picture"));
    }

    [Fact]
    public void A_list_is_read_in_another_order_on_request_and_a_sequence_is_not()
    {
        var list = Rows(50);
        var sequence = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 50).Select(i => new Row { Number = i }));

        Assert.True(list.CanShuffle);
        Assert.Equal(50, list.GetRowCount());
        Assert.NotEqual(Numbers(list), Numbers(list, new Random(1)));
        Assert.Equal(Numbers(list, new Random(1)), Numbers(list, new Random(1)));
        Assert.False(sequence.CanShuffle);
        Assert.Null(sequence.GetRowCount());
        Assert.Equal(Numbers(sequence), Numbers(sequence, new Random(1)));
    }

    [Fact]
    public void A_column_can_be_read_by_itself()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Row { Text = "a", Values = [1, 2] }, new Row { Text = "b", Values = [3] } });

        Assert.Equal(["a", "b"], data.GetColumn<string>("Text"));
        Assert.Equal(["a", "b"], data.GetColumn<ReadOnlyMemory<char>>("Text").Select(t => t.ToString()));
        Assert.Equal([2, 1], data.GetColumn<VBuffer<float>>(data.Schema["Values"]).Select(v => v.Length));
        Assert.Throws<InvalidOperationException>(() => data.GetColumn<int>("Text"));
    }

    [Fact]
    public void A_preview_shows_the_first_rows()
    {
        var preview = Rows(10).Preview(maxRows: 2);

        Assert.Equal(2, preview.RowView.Length);
        Assert.Equal(1f, preview.RowView[1].Values.Single(v => v.Key == "Number").Value);
        Assert.Equal([0f, 1f], preview.ColumnView.Single(c => c.Column.Name == "Number").Values);
        var copy = _context.Transforms.CopyColumns("Copy", "Number");
        Assert.NotNull(copy.Preview(Rows(3)).Schema.GetColumnOrNull("Copy"));
        Assert.Equal(3, copy.Fit(Rows(3)).Preview(Rows(3)).RowView.Length);
    }

    private IDataView Rows(int count) => _context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Row { Number = i }).ToList());

    private static float[] Numbers(IDataView data) => [.. data.GetColumn<float>("Number")];

    private static float[] Numbers(IDataView data, Random rand)
    {
        using var cursor = data.GetRowCursor([data.Schema["Number"]], rand);
        var getter = cursor.GetGetter<float>(data.Schema["Number"]);
        var numbers = new List<float>();
        while (cursor.MoveNext())
        {
            var number = 0f;
            getter(ref number);
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static long[] Positions(IDataView data)
    {
        using var cursor = data.GetRowCursor([]);
        var positions = new List<long>();
        while (cursor.MoveNext())
        {
            positions.Add(cursor.Position);
        }

        return [.. positions];
    }

    private sealed class Row
    {
        public float Number { get; set; }

        public string Text { get; set; } = "";

        public float[] Values { get; set; } = [];

        public Picture? Picture { get; set; }
    }
}
