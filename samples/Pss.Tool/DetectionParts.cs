using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pss.Tool;

/// <summary>
/// The results of a detection in files of a fixed number of images each, in a folder beside the output. The processes of a job deal them out among themselves, a
/// run that was stopped goes on with what is missing, and together they are the output. A file is whole or not there, and its name says of which
/// detector, images and options it is.
/// </summary>
internal sealed class DetectionParts
{
    // A multiple of the batch: parts have the batches of a run without them, and so the same bits.
    private const int ImagesPerPart = 64;
    private const int KeyDigits = 16;
    private readonly string _folder;
    private readonly string _key;
    private readonly string[] _files;

    /// <summary>Makes the folder.</summary>
    /// <param name="output">The output file.</param>
    /// <param name="model">The detector's file.</param>
    /// <param name="files">The images.</param>
    /// <param name="options">All that the results depend on beside them.</param>
    public DetectionParts(string output, string model, string[] files, params IEnumerable<object?> options)
    {
        (_folder, _files) = (Directory.CreateDirectory(output + ".parts").FullName, files);
        using var stream = File.OpenRead(model);
        var text = new StringBuilder().AppendJoin('\n', options.Select(option => Convert.ToString(option, CultureInfo.InvariantCulture)));
        text.Append('\n').Append(typeof(DetectionParts).Assembly.ManifestModule.ModuleVersionId).Append('\n').Append(Convert.ToHexString(SHA256.HashData(stream)));
        foreach (var file in files.Select(file => new FileInfo(file)))
            text.Append(CultureInfo.InvariantCulture, $"\n{file} {(file.Exists ? file.Length : -1)} {(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)}");
        _key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..KeyDigits];
    }

    /// <summary>Number of parts.</summary>
    public int Count => (_files.Length + ImagesPerPart - 1) / ImagesPerPart;

    /// <summary>Number of images in parts that are there.</summary>
    public int ImagesDone => Enumerable.Range(0, Count).Where(IsDone).Sum(part => FilesOf(part).Length);

    /// <summary>The images of a part.</summary>
    public string[] FilesOf(int part) => _files[(part * ImagesPerPart)..Math.Min(_files.Length, (part + 1) * ImagesPerPart)];

    /// <summary>Whether a part is there.</summary>
    public bool IsDone(int part) => File.Exists(PathOf(part));

    /// <summary>Removes parts of another detector, of other images or options, and what is left of stopped runs; returns how many parts.</summary>
    public int RemoveOthers()
    {
        var others = Directory.GetFiles(_folder).Where(file => !(Path.GetFileName(file).StartsWith(_key, StringComparison.Ordinal) && IsPart(file))).ToArray();
        foreach (var file in others)
            File.Delete(file);
        return others.Count(IsPart);

        static bool IsPart(string file) => file.EndsWith(".json", StringComparison.Ordinal);
    }

    /// <summary>Writes a part, whole or not at all.</summary>
    public void Write(int part, IReadOnlyList<ScoredImage> images)
    {
        var temporary = $"{PathOf(part)}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(images));
        File.Move(temporary, PathOf(part), overwrite: true);
    }

    /// <summary>All images in their order.</summary>
    /// <exception cref="IOException">A part is not there.</exception>
    public IEnumerable<ScoredImage> Read()
    {
        for (var part = 0; part < Count; part++)
        {
            if (!IsDone(part))
                throw new IOException($"{PathOf(part)} is missing: the folder must be one that all machines of the job share.");
            foreach (var image in JsonSerializer.Deserialize<ScoredImage[]>(File.ReadAllBytes(PathOf(part)))!)
                yield return image;
        }
    }

    /// <summary>Deletes the parts.</summary>
    public void Delete() => Directory.Delete(_folder, recursive: true);

    private string PathOf(int part) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_key}-{part:d6}.json"));
}
