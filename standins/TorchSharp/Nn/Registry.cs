using System.Collections;

namespace TorchSharp;

// Names in the order of their registration. A module has few, so a list serves better than a dictionary.
internal sealed class Registry<T> : IEnumerable<(string name, T value)>
{
    private readonly List<(string Name, T Value)> _items = [];

    public bool Contains(string name) => Find(name) >= 0;

    public void Set(string name, T? value)
    {
        var at = Find(name);
        if (value is null) Remove(name);
        else if (at < 0) _items.Add((name, value));
        else _items[at] = (name, value);
    }

    public void Remove(string name)
    {
        var at = Find(name);
        if (at >= 0) _items.RemoveAt(at);
    }

    public List<(string name, T value)>.Enumerator GetEnumerator() => _items.GetEnumerator();

    IEnumerator<(string name, T value)> IEnumerable<(string name, T value)>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int Find(string name) => _items.FindIndex(item => item.Name == name);
}
