namespace Pss.Engine.Tests;

/// <summary>Tests that count live tensors: the count is the process's, so nothing else may run beside them.</summary>
[CollectionDefinition(nameof(LiveTensors), DisableParallelization = true)]
public sealed class LiveTensors;
