using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Onnx;

namespace Microsoft.ML;

/// <summary>Recursion limits are taken and not needed: no file is parsed here.</summary>
public static class OnnxCatalog
{
    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, OnnxOptions options)
        => Create(catalog, options.OutputColumns, options.InputColumns, options.ModelFile, null, options.ShapeDictionary, options.GpuDeviceId, options.FallbackToCpu,
            options.InterOpNumThreads, options.IntraOpNumThreads);

    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string modelFile,
        int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Create(catalog, [], [], modelFile, null, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, Stream modelBytes,
        int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Create(catalog, [], [], null, modelBytes, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string outputColumnName, string inputColumnName,
        string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Create(catalog, [outputColumnName], [inputColumnName], modelFile, null, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string outputColumnName, string inputColumnName,
        string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Create(catalog, [outputColumnName], [inputColumnName], modelFile, null, shapeDictionary, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames,
        string[] inputColumnNames, string modelFile, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Create(catalog, outputColumnNames, inputColumnNames, modelFile, null, null, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames,
        string[] inputColumnNames, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false)
        => Create(catalog, outputColumnNames, inputColumnNames, modelFile, null, shapeDictionary, gpuDeviceId, fallbackToCpu);

    public static OnnxScoringEstimator ApplyOnnxModel(this TransformsCatalog catalog, string[] outputColumnNames,
        string[] inputColumnNames, string modelFile, IDictionary<string, int[]> shapeDictionary, int? gpuDeviceId = null, bool fallbackToCpu = false, int recursionLimit = 100)
        => Create(catalog, outputColumnNames, inputColumnNames, modelFile, null, shapeDictionary, gpuDeviceId, fallbackToCpu);

    private static OnnxScoringEstimator Create(TransformsCatalog catalog, string[] outputs, string[] inputs, string file, Stream bytes,
        IDictionary<string, int[]> shapes, int? gpuDeviceId, bool fallbackToCpu, int? interOpThreads = null, int? intraOpThreads = null)
        => new(((IInternalCatalog)catalog).Environment, new OnnxOptions
        {
            ModelFile = file,
            InputColumns = inputs,
            OutputColumns = outputs,
            ShapeDictionary = shapes,
            GpuDeviceId = gpuDeviceId,
            FallbackToCpu = fallbackToCpu,
            InterOpNumThreads = interOpThreads,
            IntraOpNumThreads = intraOpThreads,
        }, bytes);
}
