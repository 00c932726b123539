namespace Microsoft.ML.Runtime;

/// <summary>The environment behind an <see cref="MLContext"/> and, named, each host registered on it.</summary>
internal sealed class HostEnvironment : IHost
{
    private readonly MLContext _context;
    private readonly string _name;

    public HostEnvironment(MLContext context, string name, Random rand)
    {
        _context = context;
        _name = name;
        Rand = rand;
    }

    public Random Rand { get; }

    public ComponentCatalog ComponentCatalog => _context.ComponentCatalog;

    public static MLContext ContextOf(IHostEnvironment env) => env switch
    {
        MLContext context => context,
        HostEnvironment own => own._context,
        _ => throw new ArgumentException($"{env?.GetType()} is not an environment of this library", nameof(env)),
    };

    /// <summary>The host's generator comes from its parent's: the same seed and order of registering, the same numbers.</summary>
    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        lock (Rand)
        {
            return new HostEnvironment(_context, name, new Random(seed ?? Rand.Next()));
        }
    }

    public IChannel Start(string name) => new Channel(_context, _name is null ? name : $"{_name}; {name}");

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel();
}
