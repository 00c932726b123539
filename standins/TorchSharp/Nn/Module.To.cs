using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            // Every tensor that has to change is replaced by a new object and the old one is disposed; null leaves type or device as they are.
            internal virtual void Convert(ScalarType? dtype, Device? device)
            {
                foreach (var (_, child) in _children) child.Convert(dtype, device);

                var fields = InstanceFields().ToDictionary(ComponentName);
                var properties = GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).ToDictionary(p => p.Name);
                foreach (var (name, old) in named_parameters(false).ToList())
                {
                    if (Replacement(old, dtype, device) is not { } replacement) continue;
                    if (!SetProperty(name, replacement))
                    {
                        old.Dispose();
                        _params.Set(name, replacement);
                        SetField(name, replacement);
                    }
                }
                foreach (var (name, old) in named_buffers(false).ToList())
                {
                    var type = TypeFor(old, dtype);
                    if (!Differs(old, type, device)) continue;
                    var replacement = old.to(type, device ?? old.device).DetachFromDisposeScope();
                    if (!SetProperty(name, replacement))
                    {
                        old.Dispose();
                        _buffers.Set(name, (replacement, true));
                        SetField(name, replacement);
                    }
                }

                bool SetProperty(string name, Tensor value)
                {
                    if (!properties.TryGetValue(name, out var property)) return false;
                    property.SetValue(this, value);
                    return true;
                }

                void SetField(string name, Tensor value)
                {
                    if (fields.TryGetValue(name, out var field)) field.SetValue(this, value);
                }
            }

            private static Parameter? Replacement(Parameter old, ScalarType? dtype, Device? device)
            {
                var type = TypeFor(old, dtype);
                if (!Differs(old, type, device)) return null;
                using var _ = no_grad();
                var target = device ?? old.device;
                var replacement = new Parameter(old.to(type, target), old.requires_grad);
                replacement.DetachFromDisposeScope();
                using var grad = old.grad;
                if (grad is not null)
                {
                    using var converted = grad.to(type, target);
                    replacement.grad = converted;
                }
                return replacement;
            }

            private static ScalarType TypeFor(Tensor tensor, ScalarType? dtype) => dtype is { } type && tensor.is_floating_point() ? type : tensor.dtype;

            private static bool Differs(Tensor tensor, ScalarType type, Device? device)
                => tensor.dtype != type
                || (device is not null && (tensor.device.type != device.type || (device.index >= 0 && tensor.device.index != device.index)));
        }
    }
}
