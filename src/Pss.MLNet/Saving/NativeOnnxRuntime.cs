using Microsoft.ML.OnnxRuntime;

namespace Pss.MLNet.Saving;

/// <summary>
/// ONNX Runtime's native library, on which saved models run. ML.NET's package contains the managed part only, since a program chooses the native
/// library for its device.
/// </summary>
internal static class NativeOnnxRuntime
{
    /// <summary>Loads the library.</summary>
    /// <param name="failure">What cannot be done without it: the beginning of the message.</param>
    /// <param name="alternative">What can be done instead: the last sentence of the message, or empty.</param>
    /// <exception cref="InvalidOperationException">It does not load; the message names the packages that contain it.</exception>
    public static void Require(string failure, string alternative = "")
    {
        try
        {
            OrtEnv.Instance();
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            var reason = error.GetBaseException();
            throw new InvalidOperationException(
                $"{failure}, because ONNX Runtime's native library {(reason is BadImageFormatException or EntryPointNotFoundException ? "is for another system or version" : "is not in the program's folder")}: "
                + "reference the package Microsoft.ML.OnnxRuntime in the program's project (or Microsoft.ML.OnnxRuntime.Gpu or .DirectML for a GPU)."
                + (alternative.Length > 0 ? $" {alternative}" : ""),
                error);
        }
    }
}
