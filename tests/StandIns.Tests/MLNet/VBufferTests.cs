using Microsoft.ML.Data;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class VBufferTests
{
    [Fact]
    public void A_sparse_vector_reads_as_a_dense_one()
    {
        var sparse = new VBuffer<float>(5, 2, [1f, 2f], [1, 4]);

        Assert.False(sparse.IsDense);
        Assert.Equal([0, 1, 0, 0, 2], sparse.DenseValues());
        Assert.Equal([new(1, 1f), new(4, 2f)], sparse.Items());
        Assert.Equal([1, 4], sparse.GetIndices().ToArray());
        Assert.Equal(5, sparse.Items(all: true).Count());
        Assert.Equal(2, sparse.GetItemOrDefault(4));
        var array = new float[] { 9, 9, 9, 9, 9, 9 };
        sparse.CopyTo(array);
        Assert.Equal([0, 1, 0, 0, 2, 9], array);
        var dense = default(VBuffer<float>);
        sparse.CopyToDense(ref dense);
        Assert.True(dense.IsDense);
    }

    [Fact]
    public void A_copy_shares_nothing_and_uses_the_memory_that_is_there()
    {
        var source = new VBuffer<int>(3, [1, 2, 3]);
        var copy = new VBuffer<int>(4, [7, 7, 7, 7]);
        ref readonly var memory = ref copy.GetValues()[0];
        source.CopyTo(ref copy);

        Assert.Equal([1, 2, 3], copy.DenseValues());
        Assert.Equal(1, memory);
        copy = VBufferEditor.CreateFromBuffer(ref copy).Commit();
        var editor = VBufferEditor.Create(ref copy, 3);
        editor.Values[0] = 10;
        copy = editor.Commit();
        Assert.Equal(1, source.GetItemOrDefault(0));
        Assert.Equal(10, copy.GetItemOrDefault(0));
    }

    [Fact]
    public void An_editor_makes_sparse_and_truncated_vectors()
    {
        var vector = default(VBuffer<float>);
        var editor = VBufferEditor.Create(ref vector, 10, 3);
        editor.Values[0] = 5;
        editor.Indices[0] = 7;
        vector = editor.CommitTruncated(1);

        Assert.Equal(10, vector.Length);
        Assert.Equal([new(7, 5f)], vector.Items());
        Assert.Equal(0, VBufferEditor.Create(ref vector, 0).Commit().Length);
    }

    [Fact]
    public void A_vector_longer_than_its_values_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, 2, [1, 2], [1]));
    }
}
