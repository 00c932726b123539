using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        Tensor a, b;
        using (var scope = NewDisposeScope())
        {
            a = ones(2);
            b = a + 1;
            Assert.Equal(2, scope.DisposablesCount);
            Assert.Same(scope, CurrentDisposeScope);
            b.Dispose();
            Assert.Equal(1, scope.DisposablesCount);
        }

        Assert.True(a.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Tensors_move_outwards()
    {
        using var outer = NewDisposeScope();
        Tensor kept, twice, gone;
        using (var middle = NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
            {
                kept = inner.MoveToOuter(ones(1));
                twice = ones(1).MoveToOuterDisposeScope().MoveToOuterDisposeScope();
                gone = ones(1);
            }

            Assert.True(gone.IsInvalid);
            Assert.True(middle.Contains(kept));
            Assert.True(outer.Contains(twice));
        }

        Assert.True(kept.IsInvalid);
        Assert.False(twice.IsInvalid);
    }

    [Fact]
    public void Moving_out_of_the_outermost_scope_detaches()
    {
        Tensor a, b;
        using (var scope = NewDisposeScope())
        {
            a = ones(1).MoveToOuterDisposeScope();
            b = ones(1).DetachFromDisposeScope();
            Assert.Equal(0, scope.DisposablesCount);
        }

        Assert.False(a.IsInvalid);
        Assert.False(b.IsInvalid);
        using (var scope = NewDisposeScope())
        {
            scope.Attach(a);
            b.MoveToOtherDisposeScope(a);
            Assert.Equal(2, scope.DisposablesCount);
        }

        Assert.True(a.IsInvalid);
        Assert.True(b.IsInvalid);
    }

    [Fact]
    public void A_scope_lets_go_of_its_own_tensors_only()
    {
        using var other = NewDisposeScope();
        using var scope = NewDisposeScope();
        var (a, b, c) = (ones(1), ones(1), ones(1));
        Assert.Same(a, scope.Detach(a));
        Assert.Same(b, scope.MoveToOther(other, b));
        scope.DisposeEverything();
        Assert.True(c.IsInvalid);
        Assert.Equal(0, scope.DisposablesCount);
        Assert.True(other.Contains(b));
        Assert.Same(b, scope.Detach(b));
        Assert.True(other.Contains(b));
        Assert.False(a.IsInvalid);
        a.Dispose();
    }

    [Fact]
    public void Scopes_may_end_out_of_order_and_twice()
    {
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        var a = ones(1);
        outer.Dispose();
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        inner.Dispose();
        Assert.Null(CurrentDisposeScope);
        Assert.True(a.IsInvalid);
        using var scope = NewDisposeScope();
        Assert.Throws<InvalidOperationException>(() => scope.Attach(new MemoryStream()));
    }

    [Fact]
    public void Everything_but_the_result()
    {
        using var scope = NewDisposeScope();
        var a = ones(1);
        var b = ones(1);
        Assert.Same(b, scope.DisposeEverythingBut(b));
        Assert.True(a.IsInvalid);
        Assert.False(b.IsInvalid);
        Assert.Equal(1, scope.DisposablesCount);
        var c = WrappedTensorDisposeScope(() => (b + 1) * (b + 2));
        Assert.Equal(6f, c.item<float>());
        Assert.Equal(2, scope.DisposablesCount);
    }

    [Fact]
    public void Scopes_and_their_counts_belong_to_a_thread()
    {
        using var scope = NewDisposeScope();
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(CountOnAnEmptyThread));
        thread.Start();
        thread.Join();
        Assert.Null(error);
        Assert.Equal(0, scope.DisposablesCount);
    }

    private static void CountOnAnEmptyThread()
    {
        Assert.Null(CurrentDisposeScope);
        using var outside = ones(1);
        using (NewDisposeScope()) ones(1).DetachFromDisposeScope().Dispose();
        using (NewDisposeScope()) ones(1);
        var counts = DisposeScopeManager.Statistics;
        Assert.Equal(1, counts.CreatedOutsideScopeCount);
        Assert.Equal(2, counts.CreatedInScopeCount);
        Assert.Equal(1, counts.DisposedInScopeCount);
        Assert.Equal(1, counts.DisposedOutsideScopeCount);
        Assert.Equal(1, counts.DetachedFromScopeCount);
        Assert.Equal(0, counts.AttachedToScopeCount);
        Assert.Equal(1, counts.ThreadTotalLiveCount);
        using (var scope = NewDisposeScope()) scope.Attach(outside);
        Assert.Equal(1, counts.AttachedToScopeCount);
        Assert.Equal(0, counts.ThreadTotalLiveCount);
    }
}
