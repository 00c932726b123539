using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module : IDisposable
        {
            private readonly Registry<Parameter> _params = new();
            private readonly Registry<(Tensor Tensor, bool Persistent)> _buffers = new();
            private readonly Registry<Module> _children = new();
            private readonly string _name;
            private bool _componentsRegistered;
            private bool _disposed;

            protected Module(string name) => _name = name;

            public virtual bool training { get; private set; } = true;

            public virtual string GetName() => _name;

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _disposed) return;
                _disposed = true;
                foreach (var (_, buffer) in named_buffers(false)) buffer.DetachFromDisposeScope().Dispose();
                foreach (var (_, parameter) in named_parameters(false)) parameter.DetachFromDisposeScope().Dispose();
                foreach (var (_, child) in _children) child.Dispose();
            }

            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered) return;
                foreach (var field in InstanceFields())
                {
                    var component = ComponentName(field);
                    if (_children.Contains(component) || _params.Contains(component) || _buffers.Contains(component)) continue;
                    switch (field.GetValue(this))
                    {
                        case Module module: register_module(component, module); break;
                        case Parameter parameter: register_parameter(component, parameter); break;
                        case Tensor tensor: register_buffer(component, tensor); break;
                    }
                }
                _componentsRegistered = true;
            }

            public virtual void register_module(string name, Module submodule)
            {
                if (string.IsNullOrEmpty(name)) throw new ArgumentException("module name can't be empty string \"\"");
                if (name.Contains('.')) throw new ArgumentException($"module name can't contain \".\", got: {name}");
                if (_children.Contains(name)) throw new InvalidOperationException($"Sub-module {name} is already registered.");
                submodule.RegisterComponents();
                _children.Set(name, submodule);
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), "A null tensor cannot be registered as a parameter.");
                if (_params.Contains(name)) throw new InvalidOperationException($"Parameter {name} is already registered.");
                _params.Set(name, param);
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                    throw new ArgumentNullException(nameof(tensor), "A null tensor cannot be registered as a buffer.");
                if (_buffers.Contains(name)) throw new InvalidOperationException($"Tensor {name} is already registered.");
                _buffers.Set(name, (tensor, persistent));
            }

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var (_, child) in _children) child.train(train);
            }

            public virtual void eval() => train(false);

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in _children) child.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    using var grad = parameter.grad;
                    if (grad is null) continue;
                    if (set_to_none) parameter.grad = null;
                    else Foreach.Zero([grad]);
                }
            }

            // A module's own properties (Conv2d.weight ...) dispose what they held, take the value out of its scope and list it under its name.
            internal Parameter? Hold(string name, Parameter? old, Parameter? value)
            {
                if (ReferenceEquals(old, value)) return old;
                old?.Dispose();
                value?.DetachFromDisposeScope();
                _params.Set(name, value);
                return value;
            }

            internal Tensor? Hold(string name, Tensor? old, Tensor? value)
            {
                if (ReferenceEquals(old, value)) return old;
                old?.Dispose();
                value?.DetachFromDisposeScope();
                if (value is null) _buffers.Remove(name);
                else _buffers.Set(name, (value, true));
                return value;
            }

            // Sequential lists its modules without having them register their components, as the real one does.
            internal void AddChild(string name, Module module) => _children.Set(name, module);

            private IEnumerable<FieldInfo> InstanceFields()
            {
                const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
                var seen = new HashSet<string>();
                for (Type? type = GetType(); type is not null; type = type.BaseType)
                    foreach (var field in type.GetFields(Own))
                        if (seen.Add(field.Name)) yield return field;
            }

            private static string ComponentName(FieldInfo field) => field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
        }
    }
}
