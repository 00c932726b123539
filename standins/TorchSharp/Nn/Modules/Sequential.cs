using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.Module<Tensor, Tensor>> _modules = [];

    internal Sequential(IEnumerable<(string? Name, nn.Module<Tensor, Tensor> Module)> modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules) Append(name, module);
    }

    public int Count => _modules.Count;

    public Sequential append(nn.IModule<Tensor, Tensor> module) => Append(null, module);

    public override Tensor forward(Tensor tensor)
    {
        if (_modules.Count == 0) return tensor.alias();
        var current = tensor;
        foreach (var module in _modules)
        {
            var next = module.call(current);
            // What one module hands to the next lives no longer than that.
            if (!ReferenceEquals(current, tensor)) current.Dispose();
            current = next;
        }
        return current;
    }

    private Sequential Append(string? name, nn.IModule<Tensor, Tensor> module)
    {
        var typed = (nn.Module<Tensor, Tensor>)module;
        AddChild(name ?? $"{_modules.Count}", typed);
        _modules.Add(typed);
        return this;
    }
}
