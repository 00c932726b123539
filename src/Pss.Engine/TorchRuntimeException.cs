namespace Pss.Engine;

/// <summary>libtorch cannot be used on this system or in this program; the message names the cause and the cure.</summary>
public sealed class TorchRuntimeException : InvalidOperationException
{
    internal TorchRuntimeException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
