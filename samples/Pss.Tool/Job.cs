using Pss.Engine.Distributed;

namespace Pss.Tool;

/// <summary>The MPI job that this process belongs to. The first process speaks for all.</summary>
internal static class Job
{
    /// <summary>The processes; null for one that was started alone.</summary>
    public static Communicator? Current { get; private set; }

    /// <summary>Whether this process prints and writes files that all share.</summary>
    public static bool IsFirst => Current is null || Current.Rank == 0;

    /// <summary>Joins the job, if there is one; all processes but the first are silent from here on.</summary>
    public static void Join()
    {
        Current = Communicator.FromEnvironment();
        if (IsFirst)
            return;
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
    }
}
