using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

public sealed class ErrorTests
{
    [Fact]
    public void A_shape_mismatch_is_libtorchs_sentence_without_a_backtrace()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => zeros(2, 3).mm(zeros(2, 3)));
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 45)]
    [InlineData(1L << 61)]
    [InlineData(long.MaxValue)]
    public void An_allocation_beyond_all_memory_is_an_exception(long size)
    {
        Assert.Throws<ExternalException>(() => empty([size], ScalarType.Float64));
        using var after = ones(2);
        Assert.Equal(2f, after.sum().ToSingle());
    }

    [Fact]
    public void A_negative_size_and_a_missing_device_are_exceptions()
    {
        Assert.Throws<ExternalException>(() => zeros(-1));
        if (!cuda.is_available()) Assert.Throws<ExternalException>(() => ones(1).cuda());
        Assert.Throws<ArgumentException>(() => new Device("abacus"));
    }

    [Fact]
    public void Backward_from_a_leaf_without_a_graph_is_an_exception()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(1).backward());
        Assert.Contains("does not require grad", error.Message, StringComparison.Ordinal);
    }
}
