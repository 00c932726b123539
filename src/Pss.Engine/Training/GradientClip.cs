using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>Scales the gradients of all parameters by one factor, so that their norm together is at most a number.</summary>
internal static class GradientClip
{
    // As in torch's clip_grad_norm_.
    private const double Epsilon = 1e-6;

    /// <summary>g = g * min(1, most / (norm + 1e-6)), with the norm over the gradients of all parameters, to the last bit as torch does it. Nothing is
    /// copied off the device.</summary>
    /// <param name="parameters">What is trained; those without a gradient are passed over.</param>
    /// <param name="most">The largest norm.</param>
    /// <returns>The norm before, float32, []. It belongs to the current dispose scope.</returns>
    public static Tensor Apply(IEnumerable<Parameter> parameters, double most)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        if (gradients.Length == 0)
            return zeros([]).MoveToOuterDisposeScope();
        var norm = stack([.. gradients.Select(gradient => gradient.norm())]).norm();
        var factor = ones_like(norm).Times(most).div(norm.Plus(Epsilon)).Within(0, 1);
        foreach (var gradient in gradients)
            gradient.mul_(factor);
        return norm.MoveToOuterDisposeScope();
    }
}
