using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Boxes;

public class BoxOpsTests
{
    [Fact]
    public void Generalized_iou_equals_the_oracle()
    {
        using var scope = NewDisposeScope();
        var oracle = OracleTensors.Json("losses", "giou.json");
        Compare(oracle, oracle.GetProperty("pred").ToTensor(), oracle.GetProperty("target").ToTensor(), box => box);
        var ltrb = oracle.GetProperty("ltrb");
        Compare(ltrb, ltrb.GetProperty("pred").ToTensor(), ltrb.GetProperty("target").ToTensor(), Around);

        static Tensor Around(Tensor distances) => BoxCoder.For(BoxEncoding.Distances).Decode(distances, zeros(2, dtype: ScalarType.Float64), ones(1, dtype: ScalarType.Float64));

        static void Compare(System.Text.Json.JsonElement oracle, Tensor predicted, Tensor target, Func<Tensor, Tensor> toBox)
        {
            predicted.requires_grad_();
            var loss = 1 - BoxOps.GeneralizedIou(toBox(predicted), toBox(target));
            OracleTensors.Close(oracle.GetProperty("loss").ToTensor(), loss, 1e-12);
            loss.sum().backward();
            var smooth = oracle.GetProperty("smooth").EnumerateArray().Select(item => item.GetBoolean()).ToArray();
            Assert.Contains(true, smooth);
            var expected = oracle.GetProperty("grad_of_sum").ToTensor();
            for (int i = 0; i < smooth.Length; i++)
            {
                if (smooth[i])
                    OracleTensors.Close(expected[i], predicted.grad![i], 1e-12);
            }
        }
    }

    [Fact]
    public void Iou_equals_the_oracle_pair_by_pair()
    {
        using var scope = NewDisposeScope();
        var oracle = OracleTensors.Json("losses", "giou.json");
        var iou = BoxOps.IouMatrix(oracle.GetProperty("pred").ToTensor(), oracle.GetProperty("target").ToTensor());
        var expected = oracle.GetProperty("iou").ToTensor();
        Assert.Equal([expected.shape[0], expected.shape[0]], iou.shape);
        for (int i = 0; i < expected.shape[0]; i++)
        {
            // The oracle adds its epsilon where this has a least union: they part ways on boxes of no size only.
            if (oracle.GetProperty("names")[i].GetString() != "tiny")
                Assert.Equal(expected[i].item<double>(), iou[i, i].item<double>(), 8);
        }
    }

    [Theory]
    [InlineData(new double[] { 0, 0, 10, 10 }, new double[] { 5, 5, 15, 15 }, 1.0 / 7, -0.0793651)]
    [InlineData(new double[] { 0, 0, 1, 1 }, new double[] { 2, 2, 3, 3 }, 0, -0.7777778)]
    public void Golden_overlaps(double[] a, double[] b, double iou, double generalized)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(iou, BoxOps.IouMatrix(tensor(a).view(1, 4), tensor(b).view(1, 4)).item<double>(), 12);
        Assert.Equal(generalized, BoxOps.GeneralizedIou(tensor(a), tensor(b)).item<double>(), 6);
    }

    [Fact]
    public void Centerness_equals_the_oracle()
    {
        using var scope = NewDisposeScope();
        var oracle = OracleTensors.Json("losses", "centerness.json");
        OracleTensors.Close(oracle.GetProperty("centerness").ToTensor(), BoxOps.Centerness(oracle.GetProperty("ltrb").ToTensor()), 1e-12);
        Assert.Equal(0, BoxOps.Centerness(tensor(new double[] { -1, 2, 3, 4 })).item<double>());
    }
}
