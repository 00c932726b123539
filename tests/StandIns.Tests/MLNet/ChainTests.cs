using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class ChainTests
{
    private readonly MLContext _context = new(1);

    [Fact]
    public void A_probe_in_a_chain_is_shown_the_shape_annotations_included()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Row { Text = "a" } });
        var keys = _context.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(data).Transform(data);
        var shape = ShapeProbe.Of(keys.Schema).ToDictionary(c => c.Name);

        Assert.Equal(["Text", "Fixed", "Variable", "Key"], shape.Keys);
        Assert.Equal((SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single), (shape["Fixed"].Kind, shape["Fixed"].ItemType));
        Assert.Equal(SchemaShape.Column.VectorKind.VariableVector, shape["Variable"].Kind);
        Assert.Equal((SchemaShape.Column.VectorKind.Scalar, true, NumberDataViewType.UInt32), (shape["Key"].Kind, shape["Key"].IsKey, shape["Key"].ItemType));
        Assert.Equal(["KeyValues"], shape["Key"].Annotations.Select(a => a.Name));
        var back = _context.Transforms.Conversion.MapKeyToValue("Key").GetOutputSchema(new SchemaShape(shape.Values));
        Assert.Equal(TextDataViewType.Instance, back.Single(c => c.Name == "Key").ItemType);
    }

    [Fact]
    public void Every_estimator_is_asked_for_its_shape_before_the_first_is_fitted()
    {
        var fitted = false;
        var data = _context.Data.LoadFromEnumerable(new[] { new Row() });
        var chain = _context.Transforms.CopyColumns("Copy", "Text").WithOnFitDelegate(_ => fitted = true).Append(_context.Transforms.CopyColumns("x", "None"));

        Assert.Throws<ArgumentOutOfRangeException>(() => chain.Fit(data));
        Assert.False(fitted);
    }

    [Fact]
    public void Chains_append_keep_scopes_and_dispose_of_their_parts()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Row { Text = "a" } });
        var chain = _context.Transforms.CopyColumns("A", "Text").Append(_context.Transforms.CopyColumns("B", "Text"), TransformerScope.Training);
        Assert.IsType<Microsoft.ML.Transforms.ColumnCopyingEstimator>(chain.LastEstimator);
        var model = chain.Fit(data);
        Assert.NotNull(model.LastTransformer);
        Assert.Null(model.GetModelFor(TransformerScope.Scoring).Transform(data).Schema.GetColumnOrNull("B"));

        var resource = new Resource();
        var owner = model.Append(resource);
        Assert.Equal(["a"], owner.Transform(data).GetColumn<string>("B"));
        owner.Dispose();
        owner.Dispose();
        Assert.Equal(1, resource.Disposed);
        Assert.Same(resource, ((ITransformer)model).Append(resource).LastTransformer);
        Assert.Empty(new EstimatorChain<ITransformer>().Fit(data));
        Assert.NotNull(chain.AppendCacheCheckpoint(_context).Append(_context.Transforms.CopyColumns("C", "B")).Fit(data));
    }

    [Fact]
    public void A_chain_is_made_of_parts_and_their_scopes()
    {
        var resource = new Resource();
        var chain = new TransformerChain<ITransformer>([resource, resource], [TransformerScope.Scoring, TransformerScope.TrainTest]);

        Assert.Single(chain.GetModelFor(TransformerScope.Testing));
        Assert.Throws<ArgumentException>(() => new TransformerChain<ITransformer>([resource], []));
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        [VectorType(2)]
        public float[] Fixed { get; set; } = [0, 0];

        public float[] Variable { get; set; } = [];
    }
}
