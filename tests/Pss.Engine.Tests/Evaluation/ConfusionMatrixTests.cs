using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Tests.Evaluation;

public sealed class ConfusionMatrixTests
{
    private static readonly DetectionDataset Dataset = new()
    {
        Categories = [new(1, "cat"), new(2, "dog")],
        Images =
        [
            new()
            {
                Id = 1,
                FileName = "1.png",
                Width = 200,
                Height = 100,
                Objects =
                [
                    new() { Label = 0, Box = new(0, 0, 10, 10) },
                    new() { Label = 0, Box = new(20, 0, 10, 10) },
                    new() { Label = 1, Box = new(40, 0, 10, 10) },
                    new() { Label = 1, Box = new(60, 0, 10, 10) },
                    new() { Label = 1, Box = new(80, 0, 20, 20), IsCrowd = true },
                ],
            },
        ],
    };

    private static readonly Detection[] Detections =
    [
        new(0, 0, 10, 10, .9f, 1),      // the first cat, called a dog, but ...
        new(0, 0, 10, 10, .8f, 0),      // ... found by a detection of lower score: the dog is background
        new(0, 1, 10, 11, .7f, 0),      // the same cat again: background
        new(20, 0, 30, 10, .6f, 1),     // the second cat, called a dog
        new(40, 0, 50, 10, .5f, 1),     // the first dog
        new(62, 6, 70, 16, .6f, 1),     // too far off the second dog: background, and the dog is missed
        new(85, 5, 95, 15, .9f, 1),     // in the crowd of dogs: does not count
        new(60, 0, 70, 10, .3f, 1),     // the second dog, below the threshold
    ];

    [Fact]
    public void Every_object_and_every_detection_counts_once()
    {
        var matrix = ConfusionMatrix.Of(Dataset, [Detections], .5);

        Assert.Equal([[1, 1, 0], [0, 1, 1], [1, 2, 0]], Rows(matrix));
        Assert.Equal([2, 2, 3], Enumerable.Range(0, 3).Select(matrix.RowSum));
    }

    [Fact]
    public void A_lower_threshold_finds_the_missed_dog() =>
        Assert.Equal([[1, 1, 0], [0, 2, 0], [1, 2, 0]], Rows(ConfusionMatrix.Of(Dataset, [Detections], .3)));

    [Fact]
    public void A_wrong_class_takes_the_object_that_it_overlaps_most_once()
    {
        Detection[] dogs = [new(20, 0, 30, 10, .8f, 1), new(20, 0, 30, 9, .9f, 1)];
        Assert.Equal([[0, 1, 1], [0, 0, 2], [0, 1, 0]], Rows(ConfusionMatrix.Of(Dataset, [dogs], .5)));
    }

    [Fact]
    public void The_diagonal_holds_the_true_positives_of_F1()
    {
        var f1 = F1Analysis.Of(Dataset, [Detections]).Total.Best!;
        var matrix = ConfusionMatrix.Of(Dataset, [Detections], f1.Threshold);
        Assert.Equal(f1.Recall * 4, matrix[0, 0] + matrix[1, 1], 12);
    }

    private static int[][] Rows(ConfusionMatrix matrix) =>
        [.. Enumerable.Range(0, matrix.Classes + 1).Select(row => Enumerable.Range(0, matrix.Classes + 1).Select(column => matrix[row, column]).ToArray())];
}
