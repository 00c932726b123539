namespace Pss.Engine.Data.Formats;

/// <summary>Finds labels by id or name.</summary>
internal sealed class CategoryTable
{
    private readonly Dictionary<long, string> _namesInFile;
    private readonly Dictionary<long, int> _byId = [];
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);

    /// <summary>Takes the categories of a file, in the caller's order if one is given.</summary>
    public CategoryTable(IReadOnlyList<Category> fromFile, IReadOnlyList<string>? wanted)
    {
        var ids = fromFile.ToDictionary(category => category.Name, category => category.Id, StringComparer.Ordinal);
        _namesInFile = fromFile.ToDictionary(category => category.Id, category => category.Name);
        // A requested class that the file lacks gets an id above the file's.
        var next = fromFile.Count == 0 ? 1 : Math.Max(1, fromFile.Max(category => category.Id) + 1);
        Categories = wanted is null
            ? fromFile
            : wanted.Select(name => new Category(ids.TryGetValue(name, out var id) ? id : next++, name)).ToArray();
        for (var label = 0; label < Categories.Count; label++)
        {
            _byId.Add(Categories[label].Id, label);
            _byName.Add(Categories[label].Name, label);
        }
    }

    public IReadOnlyList<Category> Categories { get; }

    public int? Label(long id) => _byId.TryGetValue(id, out var label) ? label : null;

    public int? Label(string name) => _byName.TryGetValue(name, out var label) ? label : null;

    /// <summary>The name that the file gives an id; null if it has none.</summary>
    public string? NameInFile(long id) => _namesInFile.GetValueOrDefault(id);

    /// <summary>The first ten names, for error messages.</summary>
    public string Known => string.Join(", ", Categories.Take(10).Select(category => category.Name)) + (Categories.Count > 10 ? ", ..." : "");

    /// <summary>Numbers names from 1.</summary>
    public static CategoryTable FromNames(IEnumerable<string> names, IReadOnlyList<string>? wanted) =>
        new(names.Select((name, index) => new Category(index + 1, name)).ToArray(), wanted);
}
