namespace TorchSharp;

public static partial class torch
{
    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.pss_manual_seed(seed));
        return Generator.Default;
    }

    public static Tensor get_rng_state()
    {
        using var generator = Generator.Default;
        return generator.get_state();
    }

    public static void set_rng_state(Tensor new_state)
    {
        using var generator = Generator.Default;
        generator.set_state(new_state);
    }

    public static long initial_seed()
    {
        using var generator = Generator.Default;
        return generator.initial_seed();
    }

    public unsafe class Generator : IDisposable
    {
        private nint handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            handle = Native.Check(Native.pss_new_generator(seed, (int)this.device.type, this.device.index));
        }

        private Generator(nint handle, Device device)
        {
            this.handle = handle;
            this.device = device;
        }

        ~Generator() => Dispose(false);

        internal static Generator Default => new(Native.Check(Native.pss_default_generator((int)DeviceType.CPU, -1)), CPU);

        internal Device device { get; }

        internal nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(Generator));

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.pss_generator_seed(Handle, &seed, 1));
            return this;
        }

        internal long initial_seed()
        {
            long seed;
            Native.Check(Native.pss_generator_seed(Handle, &seed, 0));
            return seed;
        }

        public Tensor get_state()
        {
            nint state;
            Native.Check(Native.pss_generator_state(Handle, &state, 0));
            return new(state);
        }

        public void set_state(Tensor value)
        {
            var state = value.Handle;
            Native.Check(Native.pss_generator_state(Handle, &state, 1));
            GC.KeepAlive(value);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var last = Interlocked.Exchange(ref handle, 0);
            if (last != 0) Native.pss_release_generator(last);
        }
    }
}
