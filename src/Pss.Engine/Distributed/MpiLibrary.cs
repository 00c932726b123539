using System.Runtime.InteropServices;

namespace Pss.Engine.Distributed;

/// <summary>
/// The MPI library that is found at run time, and its constants. There are two binary interfaces: in Open MPI's a handle is the address of an exported
/// symbol, in that of MPICH, Intel MPI and MS-MPI a 32-bit number. Either fits into a register, so that one signature serves both.
/// </summary>
internal sealed class MpiLibrary
{
    /// <summary>The environment variable that names the library's file.</summary>
    public const string PathVariable = "PSS_MPI_LIBRARY";

    private static readonly string[] OpenMpiNames = ["libmpi.so.40", "libmpi.so.20", "libmpi.40.dylib", "libmpi.so", "libmpi.dylib"];
    private static readonly string[] MpichNames = ["libmpich.so.12", "libmpi.so.12", "libmpich.so", "libmpi.so", "libmpi.12.dylib", "libmpi.dylib"];
    private static readonly string[] WindowsNames = ["impi.dll", "msmpi.dll"];
    private readonly nint _library;
    private readonly bool _isOpenMpi;

    private MpiLibrary(nint library, string name)
    {
        (_library, Name) = (library, name);
        _isOpenMpi = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _);
    }

    /// <summary>The file that was loaded.</summary>
    public string Name { get; }

    /// <summary>All processes of the job.</summary>
    public nint World => Handle("ompi_mpi_comm_world", 0x44000000);

    /// <summary>The type of a byte.</summary>
    public nint Byte => Handle("ompi_mpi_byte", 0x4c00010d);

    /// <summary>The type of a 32-bit float.</summary>
    public nint Float => Handle("ompi_mpi_float", 0x4c00040a);

    /// <summary>The type of a 64-bit float.</summary>
    public nint Double => Handle("ompi_mpi_double", 0x4c00080b);

    /// <summary>The sum as reduction.</summary>
    public nint Sum => Handle("ompi_mpi_op_sum", 0x58000003);

    /// <summary>The maximum as reduction.</summary>
    public nint Max => Handle("ompi_mpi_op_max", 0x58000001);

    /// <summary>In place of a buffer to send: that of the result.</summary>
    public nint InPlace => _isOpenMpi ? 1 : -1;

    /// <summary>The address of a function.</summary>
    public nint Function(string name) => NativeLibrary.GetExport(_library, name);

    /// <summary>Loads the library that fits the launcher.</summary>
    /// <exception cref="DllNotFoundException">There is none; the message says what to install.</exception>
    public static MpiLibrary Load(Launcher launcher)
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path)
        {
            return NativeLibrary.TryLoad(path, out var named) ? new(named, path) : throw new DllNotFoundException(
                $"{PathVariable} names {path}, which does not load: name the file of an MPI library, such as /usr/lib/x86_64-linux-gnu/libmpi.so.40.");
        }
        var names = OperatingSystem.IsWindows() ? WindowsNames : launcher.IsOpenMpi ? OpenMpiNames : MpichNames;
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
                return new(library, name);
        }
        var cure = OperatingSystem.IsWindows() ? "install Microsoft MPI or Intel MPI"
            : launcher.IsOpenMpi ? "install Open MPI (Debian and Ubuntu: apt-get install openmpi-bin)" : "install MPICH (Debian and Ubuntu: apt-get install mpich) or Intel MPI";
        throw new DllNotFoundException(
            $"This process is one of {launcher.Size} of an MPI job, but no MPI library loads ({string.Join(", ", names)}): {cure} on every machine, or name its file by {PathVariable}.");
    }

    private nint Handle(string symbol, int number) => _isOpenMpi ? NativeLibrary.GetExport(_library, symbol) : number;
}
