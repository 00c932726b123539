using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;
using static Microsoft.ML.Transforms.Image.ImageResizingEstimator;

namespace StandIns.Tests.Images;

public sealed class ImageTransformTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly ImageFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LoadImages_reads_lazily_and_tags_with_the_path()
    {
        _folder.Add("a.png", 2, 1, 0xFF0000);
        var view = Fit(_ml.Transforms.LoadImages("Image", _folder.Path, "Path"), Paths("a.png", "", "missing.png"));
        Assert.Equal(new ImageDataViewType(), view.Schema["Image"].Type);
        Assert.Equal(["a.png", "", "missing.png"], view.GetColumn<string>("Path"));

        using var cursor = view.GetRowCursor([view.Schema["Image"]]);
        var read = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage first = null!, second = null!, third = null!;
        Assert.True(cursor.MoveNext());
        read(ref first);
        Assert.Equal((2, 1, _folder.In("a.png")), (first.Width, first.Height, first.Tag));
        Assert.True(cursor.MoveNext());
        read(ref second);
        Assert.Null(second);
        Assert.True(cursor.MoveNext());
        Assert.Contains("missing.png", Assert.Throws<FileNotFoundException>(() => read(ref third)).Message);
        Assert.Equal(2, first.Width);
    }

    [Fact]
    public void LoadImages_disposes_the_slot_that_it_is_handed_and_with_the_cursor_its_last_image()
    {
        var view = Fit(_ml.Transforms.LoadImages("Image", null, "Path"), Paths(_folder.Add("a.png", 1, 1, 0), _folder.Add("b.png", 1, 1, 1)));
        MLImage slot = null!;
        var cursor = view.GetRowCursor(view.Schema);
        var read = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        cursor.MoveNext();
        read(ref slot);
        var first = slot;
        cursor.MoveNext();
        read(ref slot);
        Assert.Throws<InvalidOperationException>(() => first.Width);
        Assert.Equal(1, slot.Width);
        cursor.Dispose();
        Assert.Throws<InvalidOperationException>(() => slot.Width);
    }

    [Fact]
    public void A_wrong_or_missing_column_is_named()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(_ml.Transforms.ResizeImages("Out", 2, 2, "Path"), Paths("a")));
        Assert.Contains("'Path'", error.Message);
        Assert.Contains("expected image", error.Message);
        Assert.Contains("'Nowhere'", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(_ml.Transforms.LoadImages("Out", "", "Nowhere"), Paths("a"))).Message);
        Assert.Contains("'Nowhere'", Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.Transforms.LoadImages("Image", "", "Path").Append(_ml.Transforms.ResizeImages("Out", 2, 2, "Nowhere")).Fit(Paths("a"))).Message);
    }

    [Fact]
    public void Fill_takes_the_nearest_pixel()
    {
        using var image = Resize(ImageFolder.Image(2, 2, 1, 2, 3, 4), 4, 3, ResizingKind.Fill);
        Assert.Equal([1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4], Colours(image));
    }

    [Theory]
    [InlineData(3, 2, 10, 10, 0, 1, 10, 6)]
    [InlineData(2, 3, 10, 10, 1, 0, 6, 10)]
    [InlineData(100, 50, 64, 64, 0, 16, 64, 32)]
    [InlineData(200, 100, 64, 64, 0, 16, 64, 32)]
    public void IsoPad_centres_in_whole_pixels_and_leaves_the_rest_clear(int width, int height, int toWidth, int toHeight, int left, int top, int drawnWidth, int drawnHeight)
    {
        using var image = Resize(ImageFolder.Image(width, height, [.. Enumerable.Repeat(0x336699, width * height)]), toWidth, toHeight, ResizingKind.IsoPad);
        Assert.Equal((toWidth, toHeight), (image.Width, image.Height));
        var pixels = image.Pixels.ToArray().Chunk(4).ToArray();
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i % toWidth - left, i / toWidth - top);
            Assert.Equal(x >= 0 && x < drawnWidth && y >= 0 && y < drawnHeight ? new byte[] { 0x99, 0x66, 0x33, 255 } : new byte[4], pixels[i]);
        }
    }

    [Theory]
    [InlineData(Anchor.Left, 0xFF0000, 0xFF0000)]
    [InlineData(Anchor.Right, 0x0000FF, 0x0000FF)]
    [InlineData(Anchor.Center, 0xFF0000, 0x0000FF)]
    public void IsoCrop_keeps_the_anchored_part(Anchor anchor, int left, int right)
    {
        using var image = Resize(ImageFolder.Image(4, 2, 0xFF0000, 0xFF0000, 0x0000FF, 0x0000FF, 0xFF0000, 0xFF0000, 0x0000FF, 0x0000FF), 2, 2, ResizingKind.IsoCrop, anchor);
        Assert.Equal([left, right, left, right], Colours(image));
    }

    [Fact]
    public void High_quality_shrinking_averages()
    {
        var checkers = Enumerable.Range(0, 64).Select(i => (i % 8 + i / 8) % 2 == 0 ? 0xFFFFFF : 0);
        using var image = Resize(ImageFolder.Image(8, 8, [.. checkers]), 2, 2, ResizingKind.IsoPad);
        Assert.All(image.GetBGRPixels, value => Assert.InRange(value, 120, 136));
    }

    [Fact]
    public void Resizing_hands_on_what_has_the_size_already()
    {
        var image = ImageFolder.Image(2, 2, 1, 2, 3, 4);
        image.Tag = "kept";
        Assert.Same(image, Resize(image, 2, 2, ResizingKind.Fill));
        Assert.Equal("kept", Resize(image, 3, 3, ResizingKind.Fill).Tag);
    }

    [Fact]
    public void Resized_columns_know_their_size()
    {
        var view = Fit(_ml.Transforms.ResizeImages("Image", 4, 3), Images([null!]));
        var type = Assert.IsType<ImageDataViewType>(view.Schema["Image"].Type);
        Assert.Equal((3, 4), (type.Height, type.Width));
        Assert.Null(Assert.Single(view.GetColumn<MLImage>("Image")));
    }

    [Fact]
    public void ExtractPixels_gives_planes_of_red_green_blue_or_what_is_asked_for()
    {
        var planes = Extract<float>(_ml.Transforms.ExtractPixels("Out", "Image"), out var type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3, 1, 2), type);
        Assert.Equal([1, 4, 2, 5, 3, 6], planes);
        Assert.Equal([3, 2, 1, 6, 5, 4], Extract<byte>(_ml.Transforms.ExtractPixels("Out", "Image", orderOfExtraction: ColorsOrder.ABGR, interleavePixelColors: true,
            offsetImage: 9, outputAsFloatArray: false), out type));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, 1, 2, 3), type);
        Assert.Equal([255, 255, 2, 5], Extract<byte>(_ml.Transforms.ExtractPixels("Out", "Image", ColorBits.Alpha | ColorBits.Green, outputAsFloatArray: false), out _));
        Assert.Equal([-2f, 4, 0, 6, 2, 8], Extract<float>(_ml.Transforms.ExtractPixels("Out", "Image", offsetImage: 2, scaleImage: 2), out _));
    }

    [Fact]
    public void ExtractPixels_needs_a_known_size_and_gives_zeros_for_a_null_image()
    {
        var unsized = Fit(_ml.Transforms.LoadImages("Image", "", "Path"), Paths(""));
        Assert.Contains("'Image'", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(_ml.Transforms.ExtractPixels("Out", "Image"), unsized)).Message);
        var sized = Fit(_ml.Transforms.ResizeImages("Image", 2, 2), unsized);
        Assert.Equal(new float[12], Assert.Single(Fit(_ml.Transforms.ExtractPixels("Out", "Image"), sized).GetColumn<float[]>("Out")));
    }

    [Fact]
    public void ExtractPixels_disposes_the_last_image_in_memory()
    {
        MLImage[] images = [ImageFolder.Image(2, 1, 1, 2), ImageFolder.Image(2, 1, 3, 4)];
        var view = Fit(_ml.Transforms.ExtractPixels("Out", "Image"), Images(images));
        Assert.Equal(2, view.GetColumn<float[]>("Out").Count());
        Assert.Equal(2, images[0].Width);
        Assert.Throws<InvalidOperationException>(() => images[1].Width);
    }

    [Fact]
    public void An_image_of_another_size_than_its_column_is_an_error()
    {
        var view = Fit(_ml.Transforms.ExtractPixels("Out", "Image"), Images(ImageFolder.Image(1, 1, 0)));
        Assert.Contains("'Image'", Assert.Throws<InvalidOperationException>(() => view.GetColumn<float[]>("Out").ToArray()).Message);
    }

    [Fact]
    public void Grayscale_weighs_the_channels()
    {
        var view = Fit(_ml.Transforms.ConvertToGrayscale("Image"), Images(ImageFolder.Image(2, 1, 0x6496C8, 0xFFFFFF)));
        Assert.Equal(new ImageDataViewType(1, 2), view.Schema["Image"].Type);
        MLImage slot = null!;
        using var cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        cursor.GetGetter<MLImage>(view.Schema["Image"])(ref slot);
        Assert.Equal([0x8C8C8C, 0xFFFFFF], Colours(slot)); // 0.3 * 100 + 0.59 * 150 + 0.11 * 200 = 140.5, to even
    }

    [Fact]
    public void An_image_type_without_a_size_throws_where_it_is_used()
        => Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromEnumerable(new Unsized[1]));

    [Fact]
    public void A_bare_property_binds_once_the_type_is_registered_but_no_custom_mapping_of_it_fits_inside_a_chain()
    {
        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        var data = Paths(_folder.Add("a.png", 3, 2, 7), "");
        var load = _ml.Transforms.LoadImages("Image", "", "Path");
        var measure = _ml.Transforms.CustomMapping<Bare, Measured>((from, to) => to.Width = from.Image?.Width ?? 0, null);
        Assert.Equal([3, 0], Fit(measure, Fit(load, data)).GetColumn<int>("Width"));
        Assert.Contains("expected Image, got Image", Assert.Throws<ArgumentOutOfRangeException>(() => load.Append(measure).Fit(data)).Message);
    }

    [Fact]
    public void Cache_drops_image_columns()
    {
        var view = Fit(_ml.Transforms.LoadImages("Image", "", "Path"), Paths(""));
        Assert.Equal(["Path"], _ml.Data.Cache(view).Schema.Select(column => column.Name));
    }

    [Fact]
    public void A_saved_chain_makes_the_same_pixels()
    {
        _folder.Add("a.png", 5, 3, [.. Enumerable.Range(0, 15).Select(i => i * 999331)]);
        var data = Paths("a.png");
        var chain = _ml.Transforms.LoadImages("Image", _folder.Path, "Path")
            .Append(_ml.Transforms.ResizeImages("Image", 4, 6, resizing: ResizingKind.IsoPad))
            .Append(_ml.Transforms.ConvertToGrayscale("Image"))
            .Append(_ml.Transforms.ExtractPixels("Out", "Image", ColorBits.All, ColorsOrder.ABGR, true, 3, 0.5f))
            .Fit(data);
        _ml.Model.Save(chain, data.Schema, _folder.In("model.zip"));
        var loaded = new MLContext().Model.Load(_folder.In("model.zip"), out var schema);
        Assert.Equal(["Path"], schema.Select(column => column.Name));
        var expected = Assert.Single(chain.Transform(data).GetColumn<float[]>("Out"));
        Assert.Contains(expected, value => value > 1);
        Assert.Equal(expected, Assert.Single(loaded.Transform(data).GetColumn<float[]>("Out")));
    }

    [Fact]
    public void A_prediction_engine_reads_pictures_by_path()
    {
        var data = Paths();
        var model = _ml.Transforms.LoadImages("Image", _folder.Path, "Path").Append(_ml.Transforms.ResizeImages("Image", 1, 1))
            .Append(_ml.Transforms.ExtractPixels("Out", "Image")).Fit(data);
        using var engine = _ml.Model.CreatePredictionEngine<Row, Pixels>(model);
        for (var i = 0; i < 3; i++)
        {
            _folder.Add($"{i}.png", 3, 3, i * 0x10203);
            Assert.Equal([i, 2 * i, 3 * i], engine.Predict(new Row { Path = $"{i}.png" }).Out);
        }
    }

    private static int[] Colours(MLImage image) => [.. image.GetBGRPixels.Chunk(3).Select(p => p[0] | p[1] << 8 | p[2] << 16)];

    private static IDataView Fit(IEstimator<ITransformer> estimator, IDataView data) => estimator.Fit(data).Transform(data);

    private IDataView Paths(params string[] paths) => _ml.Data.LoadFromEnumerable(paths.Select(path => new Row { Path = path }));

    private IDataView Images(params MLImage[] images) => _ml.Data.LoadFromEnumerable(images.Select(image => new Sized { Image = image }));

    private MLImage Resize(MLImage image, int width, int height, ResizingKind kind, Anchor anchor = Anchor.Center)
    {
        var view = Fit(_ml.Transforms.ResizeImages("Out", width, height, "Image", kind, anchor), Images(image));
        using var cursor = view.GetRowCursor(view.Schema);
        MLImage slot = null!;
        cursor.MoveNext();
        cursor.GetGetter<MLImage>(view.Schema["Out"])(ref slot);
        return slot;
    }

    private T[] Extract<T>(IEstimator<ITransformer> estimator, out DataViewType type)
    {
        var view = Fit(estimator, Images(ImageFolder.Image(2, 1, 0x010203, 0x040506)));
        type = view.Schema["Out"].Type;
        return Assert.Single(view.GetColumn<T[]>("Out"));
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";
    }

    private sealed class Sized
    {
        [ImageType(1, 2)]
        public MLImage? Image { get; set; }
    }

    private sealed class Unsized
    {
        [ImageType]
        public MLImage? Image { get; set; }
    }

    private sealed class Bare
    {
        public MLImage? Image { get; set; }
    }

    private sealed class Measured
    {
        public int Width { get; set; }
    }

    private sealed class Pixels
    {
        public float[] Out { get; set; } = [];
    }
}
