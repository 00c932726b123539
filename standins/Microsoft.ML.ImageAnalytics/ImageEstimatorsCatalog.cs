using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;
using static Microsoft.ML.Transforms.Image.ImageResizingEstimator;

namespace Microsoft.ML;

public static class ImageEstimatorsCatalog
{
    public static ImageLoadingEstimator LoadImages(this TransformsCatalog catalog, string outputColumnName, string imageFolder, string inputColumnName = null)
        => new(new InputOutputColumnPair(outputColumnName, inputColumnName), imageFolder);

    public static ImageResizingEstimator ResizeImages(this TransformsCatalog catalog, string outputColumnName, int imageWidth, int imageHeight,
        string inputColumnName = null, ResizingKind resizing = ResizingKind.IsoCrop, Anchor cropAnchor = Anchor.Center)
        => new(new InputOutputColumnPair(outputColumnName, inputColumnName), imageWidth, imageHeight, resizing, cropAnchor);

    public static ImageGrayscalingEstimator ConvertToGrayscale(this TransformsCatalog catalog, string outputColumnName, string inputColumnName = null)
        => new(new InputOutputColumnPair(outputColumnName, inputColumnName));

    /// <summary>Bytes are never moved nor scaled: as with the real one, offset and scale hold for floats only.</summary>
    public static ImagePixelExtractingEstimator ExtractPixels(this TransformsCatalog catalog, string outputColumnName, string inputColumnName = null,
        ColorBits colorsToExtract = ColorBits.Rgb, ColorsOrder orderOfExtraction = ColorsOrder.ARGB, bool interleavePixelColors = false,
        float offsetImage = 0, float scaleImage = 1, bool outputAsFloatArray = true)
        => new(new InputOutputColumnPair(outputColumnName, inputColumnName),
            new PixelOptions(colorsToExtract, orderOfExtraction, interleavePixelColors, offsetImage, scaleImage, outputAsFloatArray));
}
