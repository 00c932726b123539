global using Pss.Tests;
global using Xunit;

// The tests measure times and count what runs.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
