namespace Pss.Tool;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>As a shell reports Ctrl-C.</summary>
    public const int Canceled = 130;
}
