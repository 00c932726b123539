namespace TorchSharp.Modules;

public class Parameter : torch.Tensor
{
    // Takes over the tensor's native handle and its place in its dispose scope; data itself is empty afterwards.
    public Parameter(torch.Tensor data, bool requires_grad = true) : base(data.requires_grad_(requires_grad).DecoupleFromNativeHandle())
    {
        var scope = data.OwningDisposeScope;
        data.DetachFromDisposeScope();
        MoveToOtherDisposeScope(scope);
    }
}
