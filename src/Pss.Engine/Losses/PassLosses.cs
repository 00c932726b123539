using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>The losses of a forward and backward pass, while they are on the device.</summary>
/// <param name="Names">Their names, "total" last.</param>
/// <param name="Values">Their values in this order, float32, without gradient; null for a pass without images.</param>
internal sealed record PassLosses(string[] Names, Tensor? Values)
{
    /// <summary>Those of a pass without images.</summary>
    public static PassLosses None { get; } = new([], null);

    /// <summary>The losses of passes by their names, and one more number, in one copy off the device, which waits for all that the device has to do.</summary>
    /// <param name="passes">The passes.</param>
    /// <param name="more">A number, float32, [].</param>
    public static (Dictionary<string, double>[] Losses, double More) Read(IReadOnlyList<PassLosses> passes, Tensor more)
    {
        using var scope = NewDisposeScope();
        var numbers = cat([.. passes.Select(pass => pass.Values).OfType<Tensor>(), more.view(1)]).ToHost<float>();
        var first = 0;
        return ([.. passes.Select(Next)], numbers[^1]);

        Dictionary<string, double> Next(PassLosses pass)
        {
            var values = numbers[first..(first += pass.Names.Length)];
            return pass.Names.Zip(values).ToDictionary(pair => pair.First, pair => (double)pair.Second);
        }
    }

    /// <summary>Hands the tensor to the outer dispose scope.</summary>
    public PassLosses MoveToOuterDisposeScope()
    {
        Values?.MoveToOuterDisposeScope();
        return this;
    }
}
