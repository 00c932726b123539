global using Pss.Tests;
global using Xunit;

// Live tensors are counted process-wide.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
