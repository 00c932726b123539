using Microsoft.ML.OnnxRuntime;

namespace Pss.MLNet.Saving;

/// <summary>
/// The native half of ONNX Runtime, on which saved models run. ML.NET's package brings only the managed half, since a program chooses the
/// native one for its device.
/// </summary>
internal static class NativeOnnxRuntime
{
    /// <summary>Loads it, or says what the program lacks.</summary>
    /// <param name="what">What cannot be done without it, as the beginning of a sentence.</param>
    /// <param name="otherwise">What can be done instead, as a sentence; empty for nothing.</param>
    /// <exception cref="InvalidOperationException">It does not load.</exception>
    public static void Require(string what, string otherwise = "")
    {
        try
        {
            OrtEnv.Instance();
        }
        catch (Exception fault) when (fault is TypeInitializationException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            var reason = fault.GetBaseException();
            throw new InvalidOperationException(
                $"{what}, because ONNX Runtime's native library {(reason is BadImageFormatException or EntryPointNotFoundException ? "is of another system or version" : "is not in the program's folder")}: "
                + "reference the package Microsoft.ML.OnnxRuntime in the program's project (or Microsoft.ML.OnnxRuntime.Gpu or .DirectML for a GPU)."
                + (otherwise.Length > 0 ? $" {otherwise}" : ""),
                fault);
        }
    }
}
