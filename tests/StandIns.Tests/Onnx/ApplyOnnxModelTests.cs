using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;
using static StandIns.Tests.Onnx.OnnxModelWriter;

namespace StandIns.Tests.Onnx;

public sealed class ApplyOnnxModelTests : IDisposable
{
    /// <summary>sum = x + y and relu = max(x, 0) of three numbers each.</summary>
    private static readonly byte[] s_arithmetic = Model(Node("Add", "x y", "sum"), Node("Relu", "x", "relu"),
        Input("x", Float, 1, 3), Input("y", Float, 1, 3), Output("sum", Float, 1, 3), Output("relu", Float, 1, 3));

    /// <summary>Where x is not zero: one row of two indices for each such place.</summary>
    private static readonly byte[] s_places = Model(Node("NonZero", "x", "found"), Node("Transpose", "found", "places"),
        Input("x", Float, 1, "n"), Output("places", Long, "m", 2));

    /// <summary>Class names by index, from any number of bytes.</summary>
    private static readonly byte[] s_names = Model(Node("Cast", "x", "index", Attribute("to", 7L)), Node("Gather", "names index", "labels", Attribute("axis", 0L)),
        Constant("names", "cat", "dog", "wörm"), Input("x", UInt8, 1, "n"), Output("labels", Text, 1, "n"), Output("index", Long, 1, "n"));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("standins-");
    private readonly MLContext _ml = new(1);

    public ApplyOnnxModelTests() => _ml.TempFilePath = _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Columns_bear_the_names_of_the_tensors()
    {
        var view = Apply(_ml.Transforms.ApplyOnnxModel(File(s_arithmetic)), Numbers([-1, 2, 3]));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 1, 3), view.Schema["sum"].Type);
        Assert.Equal([9, 22, 33], Assert.Single(view.GetColumn<float[]>("sum")));
        Assert.Equal([0, 2, 3], Assert.Single(view.GetColumn<float[]>("relu")));
    }

    [Fact]
    public void Only_the_columns_asked_for_are_made()
    {
        var data = Numbers([-1, 2, 3]);
        var view = Apply(_ml.Transforms.ApplyOnnxModel(["relu"], ["x", "y"], File(s_arithmetic)), data);
        Assert.Equal(["x", "y", "relu"], view.Schema.Select(column => column.Name));
        view = Apply(_ml.Transforms.ApplyOnnxModel(new OnnxOptions
        {
            ModelFile = File(s_arithmetic),
            InputColumns = ["x", "y"],
            OutputColumns = ["sum"],
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1
        }), data);
        Assert.Equal([9, 22, 33], Assert.Single(view.GetColumn<float[]>("sum")));
        Assert.Contains("'nothing'", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyOnnxModel("nothing", "x", File(s_arithmetic))).Message);
    }

    [Fact]
    public void One_run_a_row_however_many_outputs_are_read_and_none_if_none_is()
    {
        var reads = 0;
        var counted = _ml.Transforms.CustomMapping<Vectors, Vectors>((from, to) => (to.X, to.Y, _) = (from.X, from.Y, reads++), null).Fit(Numbers([1, 2, 3], [4, 5, 6]));
        var view = Apply(_ml.Transforms.ApplyOnnxModel(File(s_arithmetic)), counted.Transform(Numbers([1, 2, 3], [4, 5, 6])));
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            VBuffer<float> sum = default, relu = default;
            var (readSum, readRelu) = (cursor.GetGetter<VBuffer<float>>(view.Schema["sum"]), cursor.GetGetter<VBuffer<float>>(view.Schema["relu"]));
            Assert.True(cursor.MoveNext());
            Assert.Equal(0, reads);
            readSum(ref sum);
            readRelu(ref relu);
            readSum(ref sum);
            Assert.Equal(1, reads);
            Assert.True(cursor.MoveNext());
            readRelu(ref relu);
            Assert.Equal(2, reads);
            Assert.Equal([4, 5, 6], relu.DenseValues());
        }
        Assert.Equal(2, view.GetColumn<float[]>("x").Count());
    }

    [Fact]
    public void Bytes_of_any_number_go_in_and_text_comes_out()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new Bytes { X = [2, 0] }, new Bytes { X = [1] }, new Bytes { X = [0, 1, 2] } });
        var view = Apply(_ml.Transforms.ApplyOnnxModel(File(s_names)), data);
        Assert.Equal(new VectorDataViewType(TextDataViewType.Instance), view.Schema["labels"].Type);
        Assert.Equal([["wörm", "cat"], ["dog"], ["cat", "dog", "wörm"]], view.GetColumn<string[]>("labels"));
        Assert.Equal([[2, 0], [1], [0, 1, 2]], view.GetColumn<long[]>("index"));
    }

    [Fact]
    public void Dynamic_outputs_need_the_shape_dictionary()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new Variable { X = [0, 5, 6] }, new Variable { X = [0] }, new Variable { X = [7] } });
        var unknown = Apply(_ml.Transforms.ApplyOnnxModel(File(s_places)), data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Int64, 1, 2), unknown.Schema["places"].Type);
        Assert.ThrowsAny<Exception>(() => _ml.Data.Cache(unknown).GetColumn<long[]>("places").ToArray());

        var estimator = _ml.Transforms.ApplyOnnxModel(["places"], ["x"], File(s_places), new Dictionary<string, int[]> { ["places"] = [-1, 2] }, recursionLimit: 100);
        var view = Apply(estimator, data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Int64), view.Schema["places"].Type);
        long[][] expected = [[0, 1, 0, 2], [], [0, 0]];
        Assert.Equal(expected, view.GetColumn<long[]>("places"));
        Assert.Equal(expected, _ml.Data.Cache(view).GetColumn<long[]>("places"));

        _ml.Model.Save(((IEstimator<ITransformer>)estimator).Fit(data), data.Schema, In("model.zip"));
        var loaded = _ml.Model.Load(In("model.zip"), out _).Transform(data);
        Assert.Equal(view.Schema["places"].Type, loaded.Schema["places"].Type);
        Assert.Equal(expected, loaded.GetColumn<long[]>("places"));
    }

    [Fact]
    public void A_leading_unknown_dimension_is_one_and_one_more_is_filled_by_a_variable_vector()
    {
        var batch = File(Model(Node("Relu", "x", "relu"), Input("x", Float, "batch", 3), Output("relu", Float, "batch", 3)));
        var view = Apply(_ml.Transforms.ApplyOnnxModel("relu", "x", batch), Numbers([-1, 2, 3]));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 1, 3), view.Schema["relu"].Type);
        Assert.Equal([0, 2, 3], Assert.Single(view.GetColumn<float[]>("relu")));

        var wide = File(Model(Node("Relu", "x", "relu"), Input("x", Float, 1, "n"), Output("relu", Float, 1, "n")));
        view = Apply(_ml.Transforms.ApplyOnnxModel("relu", "x", wide), _ml.Data.LoadFromEnumerable(new[] { new Variable { X = [-1, 1] }, new Variable { X = [] } }));
        Assert.Equal([[0, 1], []], view.GetColumn<float[]>("relu"));
        Assert.Contains("'x'", Assert.Throws<InvalidOperationException>(
            () => Apply(_ml.Transforms.ApplyOnnxModel("relu", "x", wide), Numbers([1, 2, 3])).GetColumn<float[]>("relu").ToArray()).Message);
        Assert.Contains("'x'", Assert.Throws<InvalidOperationException>(() => Apply(_ml.Transforms.ApplyOnnxModel("relu", "x", batch),
            _ml.Data.LoadFromEnumerable(new[] { new Variable { X = [1, 2, 3] } })).GetColumn<float[]>("relu").ToArray()).Message);
    }

    [Fact]
    public void Two_unknown_dimensions_need_the_shape_dictionary()
    {
        var picture = File(Model(Node("Relu", "x", "relu"), Input("x", Float, 1, "h", "w"), Output("relu", Float, 1, "h", "w")));
        Assert.Equal("x", Assert.Throws<ArgumentOutOfRangeException>(() => Apply(_ml.Transforms.ApplyOnnxModel("relu", "x", picture), Numbers([1, 2, 3]))).ParamName);
        var shapes = new Dictionary<string, int[]> { ["x"] = [1, 3, 1], ["relu"] = [1, 3, 1] };
        var view = Apply(_ml.Transforms.ApplyOnnxModel("relu", "x", picture, shapes), Numbers([-1, 2, 3]));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 1, 3, 1), view.Schema["relu"].Type);
        Assert.Equal([0, 2, 3], Assert.Single(view.GetColumn<float[]>("relu")));
        shapes["x"] = [1, 3];
        Assert.Contains("'x'", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyOnnxModel("relu", "x", picture, shapes)).Message);
    }

    [Fact]
    public void Numbers_stand_for_vectors_of_one()
    {
        var file = File(Model(Node("Add", "Value two", "sum"), Constant("two", 2f), Input("Value", Float, "batch", 1), Output("sum", Float, "batch", 1)));
        var view = Apply(_ml.Transforms.ApplyOnnxModel("sum", "Value", file), _ml.Data.LoadFromEnumerable(new[] { new Scalar { Value = 1 }, new Scalar { Value = 5 } }));
        Assert.Equal([[3], [7]], view.GetColumn<float[]>("sum"));
    }

    [Fact]
    public void A_column_that_does_not_fit_is_named_with_both_types()
    {
        var file = File(s_names);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Apply(_ml.Transforms.ApplyOnnxModel("labels", "x", file), Numbers([1, 2, 3])));
        Assert.Contains("'x'", error.Message);
        Assert.Contains("Byte", error.Message);
        Assert.Contains("Single", error.Message);
        Assert.Contains("'x'", Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.Transforms.CopyColumns("x", "Value").Append(_ml.Transforms.ApplyOnnxModel("labels", "x", file)).Fit(_ml.Data.LoadFromEnumerable(new Scalar[1]))).Message);
    }

    [Fact]
    public void A_tensor_name_loses_the_suffix_output()
    {
        var file = File(Model(Node("Relu", "x", "a.output"), Input("x", Float, 1, 3), Output("a.output", Float, 1, 3)));
        Assert.NotNull(Apply(_ml.Transforms.ApplyOnnxModel("a.output", "x", file), Numbers([1, 2, 3])).Schema.GetColumnOrNull("a"));
    }

    [Fact]
    public void A_model_that_cannot_be_read_says_why()
    {
        Assert.Contains("nowhere.onnx", Assert.Throws<IOException>(() => _ml.Transforms.ApplyOnnxModel(In("nowhere.onnx"))).Message);
        Assert.Contains("ONNX Runtime", Assert.Throws<InvalidOperationException>(() => _ml.Transforms.ApplyOnnxModel(File([1, 2, 3]))).Message);
        Assert.Throws<InvalidOperationException>(() => _ml.Transforms.ApplyOnnxModel(new MemoryStream([1, 2, 3])));
        Assert.Single(_folder.GetFiles());
    }

    [Fact]
    public void The_saved_model_holds_the_network_and_keeps_a_copy_until_disposed()
    {
        var (data, file) = (Numbers([-1, 2, 3]), File(s_arithmetic));
        var chain = new EstimatorChain<ITransformer>().Append(_ml.Transforms.ApplyOnnxModel(file)).Fit(data);
        _ml.Model.Save(chain, data.Schema, In("model.zip"));
        chain.Dispose();
        System.IO.File.Delete(file);

        var loaded = _ml.Model.Load(In("model.zip"), out _);
        Assert.Equal([9, 22, 33], Assert.Single(loaded.Transform(data).GetColumn<float[]>("sum")));
        Assert.Equal(2, _folder.GetFiles().Length);
        _ml.Model.Save(loaded, data.Schema, In("again.zip"));
        var view = loaded.Transform(data);
        ((IDisposable)loaded).Dispose();
        Assert.Equal(["again.zip", "model.zip"], _folder.GetFiles().Select(f => f.Name).Order());
        Assert.Throws<ObjectDisposedException>(() => view.GetColumn<float[]>("sum").ToArray());
        Assert.Equal([9, 22, 33], Assert.Single(_ml.Model.Load(In("again.zip"), out _).Transform(data).GetColumn<float[]>("sum")));
    }

    [Fact]
    public void A_stream_does_for_a_file()
    {
        var model = Model(Node("Relu", "x", "relu"), Input("x", Float, 1, 3), Output("relu", Float, 1, 3));
        var view = Apply(_ml.Transforms.ApplyOnnxModel(new MemoryStream(model)), Numbers([-1, 2, 3]));
        Assert.Equal([0, 2, 3], Assert.Single(view.GetColumn<float[]>("relu")));
    }

    [Fact]
    public void Without_the_gpu_asked_for_it_throws_or_falls_back_with_a_warning()
    {
        var warnings = new List<string>();
        _ml.Log += (_, message) => warnings.AddRange(message.Kind == ChannelMessageKind.Warning ? [message.Message] : []);
        var file = File(s_arithmetic);
        Assert.Throws<InvalidOperationException>(() => _ml.Transforms.ApplyOnnxModel(file, gpuDeviceId: 99));
        Assert.Throws<InvalidOperationException>(() => _ml.Transforms.ApplyOnnxModel(["sum"], ["x", "y"], file, new Dictionary<string, int[]>(), 99, false));
        Assert.Empty(warnings);
        var options = new OnnxOptions
        {
            ModelFile = file,
            InputColumns = [],
            OutputColumns = [],
            GpuDeviceId = 99,
            FallbackToCpu = true,
            ShapeDictionary = new Dictionary<string, int[]>()
        };
        Assert.Single(Apply(_ml.Transforms.ApplyOnnxModel(options), Numbers([1, 2, 3])).GetColumn<float[]>("sum"));
        Assert.Contains("GPU 99", Assert.Single(warnings));
        (_ml.GpuDeviceId, _ml.FallbackToCpu) = (98, false);
        Assert.Throws<InvalidOperationException>(() => _ml.Transforms.ApplyOnnxModel(file, fallbackToCpu: true));
        _ml.FallbackToCpu = true;
        Assert.Single(Apply(_ml.Transforms.ApplyOnnxModel(file), Numbers([1, 2, 3])).GetColumn<float[]>("sum"));
        Assert.Contains("GPU 98", warnings[^1]);
    }

    [Fact]
    public void Ten_threads_predict_at_once()
    {
        var data = Numbers([1, 2, 3]);
        var model = new EstimatorChain<ITransformer>().Append(_ml.Transforms.ApplyOnnxModel(File(s_arithmetic))).Fit(data);
        Parallel.For(0, 10, new ParallelOptions { MaxDegreeOfParallelism = 10 }, thread =>
        {
            using var engine = _ml.Model.CreatePredictionEngine<Vectors, Sums>(model, new PredictionEngineOptions { OwnsTransformer = false });
            for (var i = 0; i < 200; i++)
                Assert.Equal([thread + 10f, i + 20f, 33f], engine.Predict(new Vectors { X = [thread, i, 3], Y = [10, 20, 30] }).Sum);
        });
    }

    private static IDataView Apply(IEstimator<ITransformer> estimator, IDataView data) => estimator.Fit(data).Transform(data);

    private IDataView Numbers(params float[][] rows) => _ml.Data.LoadFromEnumerable(rows.Select(x => new Vectors { X = x, Y = [10, 20, 30] }));

    private string In(string name) => Path.Combine(_folder.FullName, name);

    private string File(byte[] model)
    {
        var path = In(Path.GetRandomFileName());
        System.IO.File.WriteAllBytes(path, model);
        return path;
    }

    private sealed class Vectors
    {
        [ColumnName("x")]
        [VectorType(3)]
        public float[] X { get; set; } = [];

        [ColumnName("y")]
        [VectorType(3)]
        public float[] Y { get; set; } = [];
    }

    private sealed class Sums
    {
        [ColumnName("sum")]
        public float[] Sum { get; set; } = [];
    }

    private sealed class Bytes
    {
        [ColumnName("x")]
        public byte[] X { get; set; } = [];
    }

    private sealed class Variable
    {
        [ColumnName("x")]
        public float[] X { get; set; } = [];
    }

    private sealed class Scalar
    {
        public float Value { get; set; }
    }
}
