using System.Text;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Onnx;

/// <summary>
/// Runs a model over a row, at most once a position and only where an output is read. PredictionEngine never disposes of its row:
/// hence the finalizer.
/// </summary>
internal sealed unsafe class OnnxRow
{
    private readonly OrtSession _session;
    private readonly DataViewRow _row;
    private readonly byte[][] _inputNames, _outputNames;
    private readonly InputTensor[] _inputs;
    private readonly IntPtr[] _outputs;
    private long _position = -1;

    internal OnnxRow(OrtSession session, DataViewRow row, TensorInfo[] inputs, TensorInfo[] activeOutputs)
    {
        (_session, _row) = (session, row);
        _inputNames = [.. inputs.Select(input => Ort.Utf8(input.Name))];
        _outputNames = [.. activeOutputs.Select(output => Ort.Utf8(output.Name))];
        _outputs = new IntPtr[activeOutputs.Length];
        _inputs = [.. inputs.Select(input => (InputTensor)Activator.CreateInstance(
            typeof(InputTensor<>).MakeGenericType(input.ItemType.RawType), input, row, row.Schema[input.Name]))];
    }

    ~OnnxRow() => Release();

    internal ValueGetter<VBuffer<T>> MakeGetter<T>(int output)
        where T : unmanaged
        => (ref VBuffer<T> values) =>
        {
            var count = Run(output);
            var editor = VBufferEditor.Create(ref values, count);
            new ReadOnlySpan<T>((void*)Ort.Get(OrtEntry.GetTensorMutableData, _outputs[output]), count).CopyTo(editor.Values);
            values = editor.Commit();
            GC.KeepAlive(this);
        };

    internal ValueGetter<VBuffer<ReadOnlyMemory<char>>> MakeTextGetter(int output)
        => (ref VBuffer<ReadOnlyMemory<char>> values) =>
        {
            var count = Run(output);
            var bytes = new byte[Ort.Get(OrtEntry.GetStringTensorDataLength, _outputs[output])];
            var starts = new nint[count + 1];
            starts[count] = bytes.Length;
            fixed (byte* text = bytes)
            fixed (nint* start = starts)
            {
                Ort.Check(((delegate* unmanaged<IntPtr, byte*, nint, nint*, nint, IntPtr>)Ort.Entry(OrtEntry.GetStringTensorContent))(
                    _outputs[output], text, bytes.Length, start, count));
            }
            var editor = VBufferEditor.Create(ref values, count);
            for (var i = 0; i < count; i++)
                editor.Values[i] = Encoding.UTF8.GetString(bytes, (int)starts[i], (int)(starts[i + 1] - starts[i])).AsMemory();
            values = editor.Commit();
            GC.KeepAlive(this);
        };

    internal void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>How many values an output has in the row as it stands.</summary>
    private int Run(int output)
    {
        if (_position != _row.Position)
        {
            foreach (var input in _inputs)
                input.Read();
            ReleaseOutputs();
            _session.Run([.. _inputNames.Select(Ort.Address)], [.. _inputs.Select(input => input.Value)], [.. _outputNames.Select(Ort.Address)], _outputs);
            _position = _row.Position;
        }
        var info = Ort.Get(OrtEntry.GetTensorTypeAndShape, _outputs[output]);
        var count = Ort.Get(OrtEntry.GetTensorShapeElementCount, info);
        Ort.Release(OrtEntry.ReleaseTensorTypeAndShapeInfo, info);
        return checked((int)count);
    }

    private void Release()
    {
        ReleaseOutputs();
        foreach (var input in _inputs ?? [])
            input.Release();
    }

    private void ReleaseOutputs()
    {
        _position = -1;
        foreach (ref var output in _outputs.AsSpan())
        {
            if (output != 0)
                Ort.Release(OrtEntry.ReleaseValue, output);
            output = 0;
        }
    }
}
