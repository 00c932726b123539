using Pss.Engine.Distributed;

namespace Pss.Engine.Tests.Distributed;

public sealed class CommunicatorTests
{
    [Theory]
    [InlineData(2, 8)]
    [InlineData(3, 8)]
    [InlineData(4, 3)]
    [InlineData(5, 1)]
    public void A_rounded_sum_is_near_the_sum_and_the_same_in_all_processes(int processes, int length)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, processes).Select(_ => Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f).ToArray()).ToArray();
        var sums = ThreadGroup.Run(processes, communicator =>
        {
            var own = values[communicator.Rank].ToArray();
            communicator.SumRounded(own);
            return own;
        });
        for (var i = 0; i < length; i++)
        {
            var (exact, scale) = (values.Sum(own => own[i]), values.Sum(own => Math.Abs(own[i])));
            Assert.All(sums, sum => Assert.Equal(sums[0][i], sum[i]));
            Assert.True(Math.Abs(sums[0][i] - exact) <= processes * scale / 256, $"{sums[0][i]} is not {exact}");
        }
    }

    [Theory]
    [InlineData(1f, 0x3f80)]
    [InlineData(1.00390625f, 0x3f80)]
    [InlineData(1.01171875f, 0x3f82)]
    [InlineData(-3.4e38f, 0xff80)]
    [InlineData(float.NegativeInfinity, 0xff80)]
    public void Rounding_is_to_the_nearest_with_ties_to_even(float value, int bits) => Assert.Equal((ushort)bits, RoundedSum.Round(value));

    [Fact]
    public void Not_a_number_stays_so() => Assert.True(float.IsNaN(BitConverter.UInt32BitsToSingle((uint)RoundedSum.Round(BitConverter.UInt32BitsToSingle(0x7fffffff)) << 16)));

    [Fact]
    public void Bytes_of_different_lengths_are_gathered_by_rank()
    {
        var all = ThreadGroup.Run(3, communicator => communicator.Gather([.. Enumerable.Repeat((byte)communicator.Rank, communicator.Rank)]));
        Assert.All(all, each => Assert.Equal([[], [1], [2, 2]], each));
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=0 OMPI_COMM_WORLD_LOCAL_SIZE=1", 1, 2, 0, 1, true)]
    [InlineData("PMI_RANK=3 PMI_SIZE=4 MPI_LOCALRANKID=1 MPI_LOCALNRANKS=2", 3, 4, 1, 2, false)]
    [InlineData("PMIX_RANK=0 SLURM_STEP_NUM_TASKS=8 SLURM_LOCALID=0", 0, 8, 0, 1, true)]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1", 0, 0, 0, 0, false)]
    [InlineData("SLURM_NTASKS=4", 0, 0, 0, 0, false)]
    public void The_launcher_is_read_from_the_environment(string environment, int rank, int size, int localRank, int localSize, bool isOpenMpi)
    {
        var variables = environment.Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(size == 0 ? null : new Launcher(rank, size, localRank, localSize, isOpenMpi), Launcher.Find(variables.GetValueOrDefault));
    }

    [Fact]
    public void A_process_that_was_started_alone_has_no_communicator() => Assert.Null(Communicator.FromEnvironment());
}
