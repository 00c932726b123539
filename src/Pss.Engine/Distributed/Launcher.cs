using System.Globalization;

namespace Pss.Engine.Distributed;

/// <summary>What the program that started this process says of the job, in environment variables.</summary>
/// <param name="Rank">The number of this process, from 0.</param>
/// <param name="Size">Number of processes.</param>
/// <param name="LocalRank">The number of this process on its machine, from 0.</param>
/// <param name="LocalSize">Number of processes on its machine; 1 where it is not said.</param>
/// <param name="IsOpenMpi">Whether Open MPI's mpirun or PMIx started it.</param>
internal sealed record Launcher(int Rank, int Size, int LocalRank, int LocalSize, bool IsOpenMpi)
{
    // Rank, size, rank and size on the machine: Open MPI, Slurm with PMIx, MPICH and Intel MPI, MS-MPI.
    private static readonly (string Rank, string Size, string LocalRank, string LocalSize, bool IsOpenMpi)[] Kinds =
    [
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE", true),
        ("PMIX_RANK", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE", true),
        ("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", false),
    ];

    /// <summary>Reads the variables; null where none says that there are several processes.</summary>
    /// <param name="variable">The value of an environment variable; null reads those of this process.</param>
    public static Launcher? Find(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        foreach (var kind in Kinds)
        {
            if (Number(kind.Rank) is { } rank && Number(kind.Size) is > 1 and var size)
                return new(rank, size, Number(kind.LocalRank) ?? rank, Math.Max(1, Number(kind.LocalSize) ?? 1), kind.IsOpenMpi);
        }
        return null;

        int? Number(string name) => int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
