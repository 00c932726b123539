namespace Microsoft.ML.Transforms.Onnx;

/// <summary>One input of a model, read from the column of its name.</summary>
internal abstract class InputTensor
{
    /// <summary>The native tensor over the values read last; 0 before.</summary>
    internal IntPtr Value { get; private protected set; }

    internal abstract void Read();

    internal void Release()
    {
        if (Value != 0)
            Ort.Release(OrtEntry.ReleaseValue, Value);
        Value = 0;
    }
}
