using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace DetectionService.Scoring;

/// <summary>The column by which a saved model takes its image, and the classes that it finds.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="IsFile">Whether it holds file names; else images.</param>
/// <param name="Classes">The names of the classes.</param>
internal sealed record ImageInput(string Column, bool IsFile, IReadOnlyList<string> Classes)
{
    private static readonly (string Name, bool IsFile)[] Usual = [("ImagePath", true), ("Image", false)];

    /// <summary>Finds the column from which alone the model computes its detections.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static ImageInput Find(MLContext mlContext, ITransformer model, DataViewSchema? schema)
    {
        var stored = (schema ?? Enumerable.Empty<DataViewSchema.Column>()).Where(column => column.Type is TextDataViewType or ImageDataViewType)
            .Select(column => (column.Name, IsFile: column.Type is TextDataViewType));
        var problem = "it has no column of images or file names";
        foreach (var (name, isFile) in stored.Concat(Usual).Distinct())
        {
            try
            {
                return new(name, isFile, ClassNames(model.GetOutputSchema(Schema(mlContext, name, isFile))));
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException)
            {
                problem = error.Message;
            }
        }
        throw new InvalidDataException($"it finds no objects in an image alone ({problem}). Save the part of the pipeline that scores, with the columns "
            + $"{nameof(FoundRow.PredictedLabel)}, {nameof(FoundRow.PredictedBoundingBoxes)} and {nameof(FoundRow.Score)}.");
    }

    /// <summary>An engine for one thread at a time.</summary>
    /// <param name="mlContext">The context that loaded the model.</param>
    /// <param name="model">The model.</param>
    /// <param name="folder">A folder of the service's own, for the files that the model reads.</param>
    /// <param name="maxPixels">Most pixels of an image.</param>
    public ImageEngine CreateEngine(MLContext mlContext, ITransformer model, string folder, int maxPixels) => IsFile
        ? new FileEngine(mlContext.Model.CreatePredictionEngine<FileRow, FoundRow>(model, Options(typeof(FileRow))), folder)
        : new PixelEngine(mlContext.Model.CreatePredictionEngine<ImageRow, FoundRow>(model, Options(typeof(ImageRow))), maxPixels);

    private static DataViewSchema Schema(MLContext mlContext, string column, bool isFile) => isFile
        ? mlContext.Data.LoadFromEnumerable(Array.Empty<FileRow>(), Definition(typeof(FileRow), column)).Schema
        : mlContext.Data.LoadFromEnumerable(Array.Empty<ImageRow>(), Definition(typeof(ImageRow), column)).Schema;

    private static SchemaDefinition Definition(Type row, string column)
    {
        var definition = SchemaDefinition.Create(row);
        definition[0].ColumnName = column;
        if (row == typeof(ImageRow))
            definition[0].ColumnType = new ImageDataViewType();
        return definition;
    }

    private static string[] ClassNames(DataViewSchema outputs)
    {
        foreach (var name in (string[])[nameof(FoundRow.PredictedLabel), nameof(FoundRow.PredictedBoundingBoxes), nameof(FoundRow.Score)])
            if (outputs.GetColumnOrNull(name) is null)
                throw new InvalidOperationException($"it has no column {name}");
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        outputs[nameof(FoundRow.PredictedLabel)].GetKeyValues(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private PredictionEngineOptions Options(Type row) => new() { InputSchemaDefinition = Definition(row, Column), OwnsTransformer = false };
}
