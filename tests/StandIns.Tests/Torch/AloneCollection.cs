using Xunit;

namespace StandIns.Tests.Torch;

/// <summary>Tests that read process-wide counters or the global generator, and so run while nothing else does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
