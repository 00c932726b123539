using System.Runtime.InteropServices;
using Pss.Engine.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// Replaces the gradient of each parameter by its sum over all processes, in buckets that are packed in host memory. TorchSharp has no hooks on gradients,
/// so that the sums begin when the backward pass has ended.
/// </summary>
internal sealed class GradientSum : IDisposable
{
    private const long BucketValues = 25L * 1024 * 1024 / sizeof(float);
    private readonly Communicator _communicator;
    private readonly bool _rounded;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly List<int[]> _buckets = [];
    private readonly Tensor _host;
    private readonly Tensor _packed;

    /// <summary>Divides the parameters into buckets.</summary>
    /// <param name="communicator">The processes.</param>
    /// <param name="parameters">What is trained.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="rounded">Whether gradients travel as bfloat16.</param>
    public GradientSum(Communicator communicator, IReadOnlyList<Parameter> parameters, Device device, bool rounded)
    {
        (_communicator, _parameters, _rounded) = (communicator, parameters, rounded);
        var (bucket, size, largest) = (new List<int>(), 0L, 0L);
        for (var i = 0; i < parameters.Count; i++)
        {
            if (size > 0 && size + parameters[i].numel() > BucketValues)
            {
                _buckets.Add([.. bucket]);
                bucket.Clear();
                size = 0;
            }
            bucket.Add(i);
            size += parameters[i].numel();
            largest = Math.Max(largest, size);
        }
        _buckets.Add([.. bucket]);
        _host = zeros(largest).DetachFromDisposeScope();
        _packed = device.type == DeviceType.CPU ? _host : zeros(largest, device: device).DetachFromDisposeScope();
    }

    /// <summary>Sums the gradients. A parameter that has one in any process gets one in all.</summary>
    public void Run()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var present = new double[_parameters.Count];
        for (var i = 0; i < present.Length; i++)
        {
            using var gradient = _parameters[i].grad;
            present[i] = gradient is null ? 0 : 1;
        }
        _communicator.Max(present);
        foreach (var bucket in _buckets)
            Run([.. bucket.Where(i => present[i] > 0)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _host.Dispose();
        _packed.Dispose();
    }

    private void Run(int[] bucket)
    {
        using var scope = NewDisposeScope();
        var length = 0L;
        foreach (var i in bucket)
        {
            var (part, gradient) = (Part(_packed, ref length, _parameters[i]), _parameters[i].grad);
            if (gradient is null)
                part.zero_();
            else
                part.copy_(gradient);
        }
        if (_packed.device_type != DeviceType.CPU)
            _host.narrow(0, 0, length).copy_(_packed.narrow(0, 0, length));
        var values = MemoryMarshal.Cast<byte, float>(_host.bytes)[..(int)length];
        if (_rounded)
            _communicator.SumRounded(values);
        else
            _communicator.Sum(values);
        if (_packed.device_type != DeviceType.CPU)
            _packed.narrow(0, 0, length).copy_(_host.narrow(0, 0, length));
        length = 0;
        foreach (var i in bucket)
        {
            var (part, gradient) = (Part(_packed, ref length, _parameters[i]), _parameters[i].grad);
            if (gradient is null)
                _parameters[i].grad = part.clone();
            else
                gradient.copy_(part);
        }
    }

    /// <summary>A parameter's place in the packed values, in its shape.</summary>
    private static Tensor Part(Tensor packed, ref long at, Parameter parameter)
    {
        var part = packed.narrow(0, at, parameter.numel()).view(parameter.shape);
        at += parameter.numel();
        return part;
    }
}
