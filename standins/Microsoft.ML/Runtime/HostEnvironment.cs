namespace Microsoft.ML.Runtime;

/// <summary>The environment behind an <see cref="MLContext"/> and, named, each host registered on it.</summary>
internal sealed class HostEnvironment : IHost
{
    private readonly string _name;

    /// <summary>The root.</summary>
    public HostEnvironment(int? seed)
    {
        Settings = new EnvironmentSettings();
        Rand = seed is { } given ? new Random(given) : new Random();
    }

    private HostEnvironment(HostEnvironment parent, string name, int seed)
    {
        Settings = parent.Settings;
        _name = name;
        Rand = new Random(seed);
    }

    public EnvironmentSettings Settings { get; }

    public Random Rand { get; }

    public ComponentCatalog ComponentCatalog => Settings.ComponentCatalog;

    public static HostEnvironment Of(IHostEnvironment env) => env switch
    {
        MLContext context => context.Environment,
        HostEnvironment own => own,
        _ => throw new ArgumentException($"{env?.GetType()} is not an environment of this library", nameof(env)),
    };

    /// <summary>The host's generator comes from its parent's: the same seed and order of registering, the same numbers.</summary>
    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        lock (Rand)
        {
            return new HostEnvironment(this, name, seed ?? Rand.Next());
        }
    }

    public IChannel Start(string name) => new Channel(Settings, _name is null ? name : $"{_name}; {name}");

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel();
}
