namespace Pss.Engine;

/// <summary>libtorch cannot be used on this system or in this program; the message names the cause and what to do.</summary>
public sealed class TorchRuntimeException : InvalidOperationException
{
    internal TorchRuntimeException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
