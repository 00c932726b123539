using System.Reflection;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Runtime;

internal static class NativeCode
{
    /// <summary>Loads a library, or says how to come by it.</summary>
    public static void Require(string library)
    {
        try
        {
            NativeLibrary.Load(library, Assembly.GetCallingAssembly(), null);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException($"{library} is missing or damaged: run './build.sh test' once, which installs it.", error);
        }
    }
}
