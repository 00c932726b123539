using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class PredictionEngineTests
{
    private readonly MLContext _context = new(1);

    [Fact]
    public void Every_column_is_active_and_the_row_is_never_disposed_of()
    {
        var resource = new Resource();
        var engine = _context.Model.CreatePredictionEngine<Shout.Input, Echo>(resource);
        Assert.Equal("a", engine.Predict(new Shout.Input { Text = "a" }).Text);
        Assert.Equal(1, resource.Activations);
        Assert.NotNull(engine.OutputSchema.GetColumnOrNull("Held"));

        engine.Dispose();
        Assert.Single(resource.Open);
        Assert.Equal(1, resource.Disposed);
    }

    [Fact]
    public void The_transformer_outlives_the_engine_on_request()
    {
        var resource = new Resource();
        _context.Model.CreatePredictionEngine<Shout.Input, Echo>(resource, new PredictionEngineOptions { OwnsTransformer = false }).Dispose();

        Assert.Equal(0, resource.Disposed);
    }

    [Fact]
    public void A_result_object_can_be_used_again_and_positions_go_on()
    {
        using var engine = _context.Model.CreatePredictionEngine<Shout.Input, Shout.Output>(Model());
        var result = new Shout.Output();
        engine.Predict(new Shout.Input { Text = "ab c" }, ref result);
        Assert.Equal("AB C", result.Loud);
        engine.Predict(new Shout.Input { Text = "d" }, ref result);
        Assert.Equal(("D", 1), (result.Loud, result.Lengths.Length));
        Assert.Empty(engine.Predict(new Shout.Input()).Lengths);
    }

    [Fact]
    public void Columns_that_the_model_lacks_are_ignored_by_default()
    {
        Assert.Null(_context.Model.CreatePredictionEngine<Shout.Input, More>(Model()).Predict(new Shout.Input { Text = "a" }).Other);
        Assert.Throws<InvalidOperationException>(() => _context.Model.CreatePredictionEngine<Shout.Input, More>(Model(), ignoreMissingColumns: false));
        Assert.Throws<InvalidOperationException>(() => _context.Model.CreatePredictionEngine<More, Shout.Output>(Model()));
    }

    [Fact]
    public void An_input_schema_gives_the_input_its_types()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Shout.Input { Text = "a" } });
        var keys = _context.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(data).Transform(data);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns([keys.Schema["Key"]]);
        var back = _context.Transforms.Conversion.MapKeyToValue("Text", "Key").Fit(keys);
        using var engine = _context.Model.CreatePredictionEngine<Keyed, Echo>(back, builder.ToSchema());

        Assert.Equal("a", engine.Predict(new Keyed { Key = 1 }).Text);
    }

    [Fact]
    public void Definitions_name_the_columns_of_input_and_output()
    {
        var options = new PredictionEngineOptions
        {
            IgnoreMissingColumns = false,
            InputSchemaDefinition = SchemaDefinition.Create(typeof(Echo)),
            OutputSchemaDefinition = SchemaDefinition.Create(typeof(Echo)),
        };
        options.OutputSchemaDefinition["Text"].ColumnName = "Loud";

        Assert.Equal("A", _context.Model.CreatePredictionEngine<Echo, Echo>(Model(), options).Predict(new Echo { Text = "a" }).Text);
    }

    [Fact]
    public void Ten_threads_predict_at_once_with_an_engine_each()
    {
        var model = Model();
        var errors = new List<Exception>();
        var threads = Enumerable.Range(0, 10).Select(t => new Thread(() => Predict(t))).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());

        Assert.Empty(errors);

        void Predict(int thread)
        {
            try
            {
                using var engine = _context.Model.CreatePredictionEngine<Shout.Input, Shout.Output>(model, new PredictionEngineOptions { OwnsTransformer = false });
                for (var i = 0; i < 200; i++)
                {
                    Assert.Equal($"T{thread} {i}", engine.Predict(new Shout.Input { Text = $"t{thread} {i}" }).Loud);
                }
            }
            catch (Exception e)
            {
                lock (errors)
                {
                    errors.Add(e);
                }
            }
        }
    }

    private TransformerChain<ITransformer> Model()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Shout.Input() });
        return new EstimatorChain<ITransformer>()
            .Append((IEstimator<ITransformer>)_context.Transforms.CustomMapping<Shout.Input, Shout.Output>(Shout.Map, Shout.Contract)).Fit(data);
    }

    private sealed class Echo
    {
        public string Text { get; set; } = "";
    }

    private sealed class More
    {
        public string? Loud { get; set; }

        public string? Other { get; set; }
    }

    private sealed class Keyed
    {
        public uint Key { get; set; }
    }
}
