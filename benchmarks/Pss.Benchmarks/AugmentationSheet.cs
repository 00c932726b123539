using System.Diagnostics;
using Pss.Engine;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Data.Scenes;

namespace Pss.Benchmarks;

/// <summary>Pictures of augmented training images, with their boxes and masks, to look at: `augmented [FOLDER]`; one PNG for each augmentation.</summary>
internal static class AugmentationSheet
{
    private const int Columns = 4;
    private const int Rows = 3;
    private const int Gap = 8;
    private static readonly Resize Size = Resize.Letterbox(320, 240);
    private static readonly byte[][] Colors = [[255, 40, 40], [40, 255, 40], [60, 90, 255], [255, 230, 0], [255, 0, 255], [0, 255, 255]];

    public static void Run(string[] arguments)
    {
        var folder = arguments.Length > 0 ? arguments[0] : Path.Combine(Repository.Root, "artifacts", "augmented");
        Directory.CreateDirectory(folder);
        var none = AugmentationOptions.None(Size);
        (string Name, AugmentationOptions Options)[] sheets =
        [
            ("scale-jitter", none with { ScaleJitter = 1 }),
            ("zoom-out", none with { ZoomOut = 1 }),
            ("affine", none with { Affine = 1, AffineRotation = 30, AffineShear = 10 }),
            ("mosaic", none with { Mosaic = 1 }),
            ("mixup", none with { Mixup = 1, HorizontalFlip = 0.5 }),
            ("small-data", AugmentationOptions.SmallData([Size], 100)),
            ("all", none with { Mosaic = 1, Affine = 1, Mixup = 0.5, Crop = 0.3, VerticalFlip = 0.5 }),
        ];
        var scenes = new SceneGenerator(new() { Masks = true, MaxObjects = 5 }, seed: 3).Dataset(0, 40);
        var source = new DatasetSampleSource(scenes, masks: true);
        foreach (var (name, options) in sheets)
        {
            var transform = new SampleTransform(options);
            var sheet = new RgbImage(Columns * (320 + Gap), Rows * (240 + Gap));
            for (var i = 0; i < Columns * Rows; i++)
            {
                var sample = transform.Apply(source.Load(i), SeededRandom.For(1, 0, i), random => source.Load(random.Next(source.Count)));
                Paste(sample, sheet, i % Columns * (320 + Gap), i / Columns * (240 + Gap));
            }
            sheet.SavePng(Path.Combine(folder, $"{name}.png"));
        }
        Console.WriteLine($"{sheets.Length} pictures in {folder}");
        Times();
    }

    /// <summary>The shortest of many times, in turns, of decoding an image of 1280 x 960 and of drawing it turned.</summary>
    private static void Times()
    {
        var image = new SceneGenerator(new() { Width = 1280, Height = 960 }, seed: 3).Draw(1);
        var (jpeg, canvas, map) = (ImageEncoder.Jpeg(image, 90), new RgbImage(1280, 960), AffineTransform.About(640, 480, 8, 2, 2, 1, 3, 3));
        var (decode, draw) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 100; i++)
        {
            decode = Shorter(decode, () => RgbImage.Decode(new MemoryStream(jpeg), "scene.jpg"));
            draw = Shorter(draw, () => AffinePainter.Draw(image, map, canvas));
        }
        Console.WriteLine(FormattableString.Invariant($"JPEG of 1280 x 960: decoding {decode.TotalMilliseconds:F2} ms, affine drawing {draw.TotalMilliseconds:F2} ms"));

        static TimeSpan Shorter(TimeSpan best, Action work)
        {
            var watch = Stopwatch.StartNew();
            work();
            return watch.Elapsed < best ? watch.Elapsed : best;
        }
    }

    private static void Paste(TrainingSample sample, RgbImage sheet, int left, int top)
    {
        for (var y = 0; y < sample.Image.Height; y++)
            sample.Image.Pixels.AsSpan(3 * y * sample.Image.Width, 3 * sample.Image.Width).CopyTo(sheet.Pixels.AsSpan(3 * ((top + y) * sheet.Width + left)));
        for (var i = 0; i < sample.Labels.Length; i++)
        {
            var mask = sample.Masks![i]!.ToBitmap(sample.Image.Height, sample.Image.Width);
            var (x1, y1) = ((int)sample.Boxes[4 * i], (int)sample.Boxes[4 * i + 1]);
            var (x2, y2) = ((int)Math.Ceiling(sample.Boxes[4 * i + 2]) - 1, (int)Math.Ceiling(sample.Boxes[4 * i + 3]) - 1);
            for (var y = 0; y < sample.Image.Height; y++)
                for (var x = 0; x < sample.Image.Width; x++)
                {
                    var border = x >= x1 && x <= x2 && y >= y1 && y <= y2 && (x == x1 || x == x2 || y == y1 || y == y2);
                    if (!border && !mask[y * sample.Image.Width + x])
                        continue;
                    var pixel = sheet.Pixels.AsSpan(3 * ((top + y) * sheet.Width + left + x), 3);
                    for (var c = 0; c < 3; c++)
                        pixel[c] = border ? Colors[sample.Labels[i]][c] : (byte)((2 * pixel[c] + Colors[sample.Labels[i]][c]) / 3);
                }
        }
    }
}
