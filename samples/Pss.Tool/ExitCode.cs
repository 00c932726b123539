namespace Pss.Tool;

/// <summary>Exit codes of the process.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>Ctrl-C, by the shell's convention.</summary>
    public const int Canceled = 130;
}
