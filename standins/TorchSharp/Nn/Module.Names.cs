using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var found = new List<(string, Parameter)>();
                Collect(found, static m => m._params, recurse);
                foreach (var item in found) yield return item;
            }

            // The real one lists no buffer registered with persistent: false, whatever include_nonpersistent says.
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var found = new List<(string, Tensor)>();
                Collect(found, static m => m._buffers.Where(b => b.value.Persistent).Select(b => (b.name, b.value.Tensor)), recurse);
                foreach (var item in found) yield return item;
            }

            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in _children) yield return child;
                foreach (var (name, child) in _children)
                    foreach (var (inner, module) in child.named_modules()) yield return ($"{name}.{inner}", module);
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => _children;

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true)
                => named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            public virtual IEnumerable<Module> children() => named_children().Select(m => m.module);

            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                string Key(string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";
                foreach (var (name, parameter) in named_parameters()) destination.TryAdd(Key(name), parameter);
                foreach (var (name, buffer) in named_buffers()) destination.TryAdd(Key(name), buffer);
                // A tensor that two modules share is named once above and gets its other names here.
                foreach (var (name, child) in _children) child.state_dict(destination, Key(name));
                return destination;
            }

            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var destination = state_dict();
                bool Wanted(string key) => skip is null || !skip.Contains(key);
                var unexpected = source.Keys.Where(key => Wanted(key) && !destination.ContainsKey(key)).ToList();
                var missing = destination.Keys.Where(key => Wanted(key) && !source.ContainsKey(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException("The loaded state_dict is not identical to the target dictionary.");

                using var _ = no_grad();
                foreach (var (key, value) in source)
                    if (Wanted(key) && destination.TryGetValue(key, out var target)) target.copy_(value);
                return (missing, unexpected);
            }

            // One name for each tensor: the first that is met, own tensors before those of the children.
            private void Collect<T>(List<(string, T)> found, Func<Module, IEnumerable<(string name, T value)>> own, bool recurse) where T : Tensor
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                void Visit(Module module, string prefix)
                {
                    foreach (var (name, value) in own(module))
                        if (!value.IsInvalid && seen.Add(value)) found.Add((prefix + name, value));
                    if (!recurse) return;
                    foreach (var (name, child) in module._children) Visit(child, $"{prefix}{name}.");
                }
                Visit(this, "");
            }
        }
    }
}
