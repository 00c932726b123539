using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads YOLO datasets: a data yaml with the class names and the splits, and a text file per image with one line
/// "class center-x center-y width height" per object, in fractions of the image, or "class x y x y ..." for an outline.</summary>
/// <remarks>Image sizes are read from the headers of the image files. A coordinate within 1e-9 pixels of a number with at most six
/// decimals is rounded to that number, so that boxes on whole pixels are read back exactly.</remarks>
internal static class YoloReader
{
    /// <summary>Reads the dataset of a data yaml.</summary>
    /// <param name="path">The yaml file. Its split entries are folders of images, or text files that list images, or lists of both; the label
    /// file of .../images/a.jpg is .../labels/a.txt, and an image without one has no objects.</param>
    /// <param name="options">How to read; null takes the defaults.</param>
    /// <exception cref="DatasetException">A file is invalid; the message names file, record and field.</exception>
    public static DetectionDataset Read(string path, ReadOptions? options = null)
    {
        options ??= new();
        options.Validate();
        var config = YoloConfig.Read(path);
        var splits = options.Split is null ? config.Splits.ToArray() : [.. config.Splits.Where(split => split.Key == options.Split)];
        if (splits.Length == 0)
            throw new DatasetException(path, "", options.Split!, $"is no split of this file; its splits are {string.Join(", ", config.Splits.Keys)}");
        var faults = new FaultLog(options.OnInvalid);
        var images = new ImageBuilder(faults);
        var finder = new ImageFinder(options, faults, config.Root ?? Path.GetDirectoryName(Path.GetFullPath(path))!);
        var labelFiles = 0;
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (split, entries) in splits)
        {
            foreach (var image in entries.SelectMany(entry => YoloLayout.Images(path, config.Root, split, entry, faults)).ToArray())
            {
                if (!read.Add(image.Path))
                    faults.Note(image.ListedIn, image.Record, split, "images that another split or entry names already are read once");
                else if (ReadImage(image, split, config, images, finder, faults, options))
                    labelFiles++;
            }
        }
        if (labelFiles == 0)
            throw new DatasetException(path, "", "", "no image has a label file; the labels of images/a.jpg are expected in labels/a.txt");
        var table = CategoryTable.FromNames(config.Names, options.Categories);
        return images.ToDataset(Path.GetFileNameWithoutExtension(path), table, options);
    }

    /// <summary>Reads an image's labels; false if it has no label file.</summary>
    private static bool ReadImage(
        YoloLayout.Image image, string split, YoloConfig config, ImageBuilder images, ImageFinder finder, FaultLog faults, ReadOptions options)
    {
        var path = options.ImageFolder is { } folder ? Path.Combine(folder, image.FileName) : image.Path;
        var header = default(ImageHeader);
        var fault = File.Exists(path) ? finder.Header(path, "image", out header)
            : new FieldFault("image", $"the image {path} was not found, and YOLO label files hold no image sizes; set {nameof(ReadOptions.ImageFolder)}");
        if (fault is not null)
        {
            faults.Add(image.ListedIn, image.Record, fault.Field, fault.Problem);
            return File.Exists(image.LabelPath);
        }
        // Two splits may have images of the same name.
        var name = images.Contains(image.FileName) ? $"{split}/{image.FileName}" : image.FileName;
        var entry = images.Start(image.ListedIn, image.Record, "image", name, header.Width, header.Height, Path.GetFullPath(path));
        if (entry is null)
            return false;
        if (!File.Exists(image.LabelPath))
        {
            faults.Note(image.ListedIn, name, "labels", "images without a label file have no objects");
            return false;
        }
        entry.File = image.LabelPath;
        var lines = DatasetFile.ReadLines(image.LabelPath);
        for (var i = 0; i < lines.Length; i++)
            if (lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words
                && ReadObject(words, $"line {i + 1}", entry, images, config) is { } problem)
                images.Skip(entry, $"line {i + 1}", problem.Field, problem.Problem);
        return true;
    }

    private static FieldFault? ReadObject(string[] words, string record, ImageBuilder.Entry image, ImageBuilder images, YoloConfig config)
    {
        if (!Numbers.TryParseIndex(words[0], out var label) || label >= config.Names.Count)
            return new("class", $"'{words[0]}' is not a class index from 0 to {config.Names.Count - 1}, as the yaml lists them");
        if (FormProblem(words.Length, config.KeypointNumbers) is { } form)
            return new("", form);
        // Keypoints follow the box.
        var numbers = new double[config.KeypointNumbers > 0 ? 4 : words.Length - 1];
        for (var i = 0; i < numbers.Length; i++)
            if (!Numbers.TryParse(words[i + 1], out numbers[i]))
                return new(Field(i, numbers.Length), Numbers.Problem(words[i + 1]));
        if (numbers.Length > 4)
            return ReadOutline(numbers, record, image, images, config.Names[label]);
        var (w, h) = (numbers[2] * image.Width, numbers[3] * image.Height);
        var box = new BoundingBox(BoxRules.Snap(numbers[0] * image.Width - w / 2), BoxRules.Snap(numbers[1] * image.Height - h / 2), BoxRules.Snap(w), BoxRules.Snap(h));
        images.Add(image, record, "box", "class", config.Names[label], box);
        return null;
    }

    /// <summary>Describes a line whose number of numbers is none of the form that the yaml states; null if it is.</summary>
    private static string? FormProblem(int numbers, int keypointNumbers)
    {
        if (keypointNumbers > 0)
            return numbers == 5 || numbers == 5 + keypointNumbers ? null : $"the line has {numbers} numbers; by the yaml's kpt_shape it has {5 + keypointNumbers}, or 5 without keypoints";
        return numbers == 5 || (numbers >= 7 && numbers % 2 == 1) ? null
            : $"the line has {numbers} numbers; a box has five, an outline seven, nine or more{(numbers == 6 ? ", and six are a detection with its score, which is no label" : "")}";
    }

    private static FieldFault? ReadOutline(double[] numbers, string record, ImageBuilder.Entry image, ImageBuilder images, string category)
    {
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = BoxRules.Snap(numbers[i] * (i % 2 == 0 ? image.Width : image.Height));
        if (BoxRules.Problem(numbers, image.Width, image.Height) is { } problem)
            return new("outline", problem);
        images.Add(image, record, "outline", "class", category, BoxRules.Around(numbers), mask: new PolygonSegmentation([numbers]));
        return null;
    }

    private static string Field(int index, int count) => count > 4 ? $"outline[{index}]" : index switch { 0 => "center x", 1 => "center y", 2 => "width", _ => "height" };
}
