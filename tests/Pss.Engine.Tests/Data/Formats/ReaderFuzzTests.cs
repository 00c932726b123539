using Pss.Benchmarks;

namespace Pss.Engine.Tests.Data.Formats;

public sealed class ReaderFuzzTests
{
    [Fact]
    public void Mutated_files_are_read_or_refused_as_documented() => Assert.Empty(ReaderFuzz.Run(200));
}
