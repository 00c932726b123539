using System.Text.Json;
using DetectionService.Scoring;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Data.Images;
using SkiaSharp;

namespace DetectionService.Tests;

/// <summary>POST /detect with models of every kind.</summary>
public sealed class DetectTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Fact]
    public async Task Every_kind_of_model_finds_what_the_detector_finds()
    {
        using var detector = Detector.Load(models.Detector, new() { Device = "cpu" });
        foreach (var model in (string[])[models.Detector, models.OfFiles, models.OfImages, models.OfLoadedImages])
        {
            await using var service = await RunningService.Start(model, new() { Device = "cpu" });
            for (var i = 0; i < 3; i++)
            {
                var found = await service.Detect(models.Jpeg(i), "?threshold=0e-1&maximum=10");
                var expected = detector.Detect(RgbImage.Decode(models.Jpeg(i), "scene"));
                Assert.Equal((96, 64), (found.GetProperty("width").GetInt32(), found.GetProperty("height").GetInt32()));
                Assert.Equal(10, found.GetProperty("detections").GetArrayLength());
                foreach (var (object_, detection) in found.GetProperty("detections").EnumerateArray().Zip(expected))
                {
                    Assert.Equal(detector.Classes[detection.Label], object_.GetProperty("class").GetString());
                    Assert.Equal(detection.Score, object_.GetProperty("score").GetSingle(), 1e-3f);
                    var box = object_.GetProperty("box");
                    Assert.Equal(detection.X1, box.GetProperty("x0").GetSingle(), 0.1f);
                    Assert.Equal(detection.Y1, box.GetProperty("y0").GetSingle(), 0.1f);
                    Assert.Equal(detection.X2, box.GetProperty("x1").GetSingle(), 0.1f);
                    Assert.Equal(detection.Y2, box.GetProperty("y1").GetSingle(), 0.1f);
                }
            }
        }
    }

    [Fact]
    public async Task A_form_gives_what_the_body_gives_and_the_query_bounds_score_and_number()
    {
        await using var service = await RunningService.Start(models.OfFiles);
        var image = models.Jpeg(0);
        var whole = await service.Detect(image, "?threshold=0");
        using var form = new MultipartFormDataContent { { new StringContent("a field"), "note" }, { RunningService.Content(image), "image", "../../etc/passwd" } };
        using var response = await service.Client.PostAsync("/detect?threshold=0", form);
        Assert.Equal(whole.GetRawText(), await response.Content.ReadAsStringAsync());
        var scores = Scores(whole);
        Assert.Equal(scores[..3], Scores(await service.Detect(image, "?threshold=0&maximum=3")));
        var threshold = FormattableString.Invariant($"?threshold={scores[4]}");
        Assert.Equal(scores.Where(score => score >= scores[4]), Scores(await service.Detect(image, threshold)));
        Assert.Equal(scores.Where(score => score >= 0.3f), Scores(await service.Detect(image)));
    }

    [Fact]
    public async Task A_turned_photograph_has_the_size_and_boxes_of_the_upright_picture()
    {
        await using var service = await RunningService.Start(models.Detector, new() { Device = "cpu" });
        using var detector = Detector.Load(models.Detector, new() { Device = "cpu" });
        var turned = ImageFiles.Turned(models.Jpeg(1), 6);
        var found = await service.Detect(turned, "?threshold=0&maximum=1");
        Assert.Equal((64, 96), (found.GetProperty("width").GetInt32(), found.GetProperty("height").GetInt32()));
        Assert.Equal(detector.Detect(RgbImage.Decode(turned, "turned"))[0].X2, found.GetProperty("detections")[0].GetProperty("box").GetProperty("x1").GetSingle(), 0.1f);
    }

    [Fact]
    public async Task Every_format_is_read_whatever_its_stated_type()
    {
        await using var service = await RunningService.Start(models.OfFiles);
        var picture = ImageFiles.Waves(40, 30);
        var png = ImageFiles.Encode(picture, SKEncodedImageFormat.Png);
        byte[][] files =
        [
            png, ImageFiles.Encode(picture, SKEncodedImageFormat.Webp), ImageFiles.Bmp(picture), ImageFiles.Ico(png, 40, 30),
            ImageFiles.Gif(40, 30, new byte[1200], new byte[12]), Convert.FromBase64String(ImageFiles.ProgressiveJpeg),
        ];
        foreach (var file in files)
            foreach (var type in (string?[])["image/jpeg", "application/octet-stream", null])
                using (var response = await service.Post(file, type: type))
                    Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public void A_model_that_cannot_score_an_image_alone_and_other_files_are_refused_by_name()
    {
        var labels = Assert.Throws<InvalidDataException>(() => Scorer.Load(models.WithLabels, new()));
        Assert.Contains("labels.zip", labels.Message);
        Assert.Contains("Names", labels.Message);
        var picture = models.Picture(0, "picture.zip");
        Assert.Contains(picture, Assert.Throws<InvalidDataException>(() => Scorer.Load(picture, new())).Message);
        Assert.Contains("none.zip", Assert.Throws<FileNotFoundException>(() => Scorer.Load("none.zip", new())).Message);
        Assert.Contains("--device", Assert.Throws<ArgumentException>(() => Scorer.Load(models.OfFiles, new() { Device = "tpu" })).Message);
    }

    private static float[] Scores(JsonElement response) => [.. response.GetProperty("detections").EnumerateArray().Select(item => item.GetProperty("score").GetSingle())];
}
