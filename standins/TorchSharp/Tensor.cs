namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor : IDisposable
    {
        private static long totalCount;
        private static long peakCount;
        private nint handle;

        /// <summary>Takes over an owned native reference and joins the thread's current dispose scope.</summary>
        internal Tensor(nint handle)
        {
            this.handle = handle;
            var total = Interlocked.Increment(ref totalCount);
            if (total > peakCount) peakCount = total;
            OwningDisposeScope = DisposeScopeManager.Register(this);
        }

        ~Tensor() => Dispose(false);

        public static long TotalCount => totalCount;

        public static long PeakCount => peakCount;

        public bool IsInvalid => handle == 0;

        internal nint Handle => handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        internal DisposeScope? OwningDisposeScope { get; set; }

        internal nint DecoupleFromNativeHandle()
        {
            var decoupled = Handle;
            GC.SuppressFinalize(this);
            Interlocked.Decrement(ref totalCount);
            handle = 0;
            return decoupled;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        internal Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } owner) owner.MoveToOther(other, this);
            else other?.Attach(this);
            return this;
        }

        public bool Equals(Tensor target) => Ops.Equal.CallBool([this, target]);

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        public override int GetHashCode() => base.GetHashCode();

        public override string ToString() =>
            IsInvalid ? "[disposed]" : $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var last = Interlocked.Exchange(ref handle, 0);
            if (last == 0) return;
            if (OwningDisposeScope is { } scope)
            {
                DisposeScopeManager.Statistics.DisposedInScopeCount++;
                scope.MarkAsDisposed(this);
            }
            else
            {
                DisposeScopeManager.Statistics.DisposedOutsideScopeCount++;
            }

            Interlocked.Decrement(ref totalCount);
            Native.pss_release(last);
        }
    }
}
