using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>The loss terms of a batch in their order, and their weighted sum.</summary>
internal sealed class LossTerms
{
    private readonly LossTerm[] _terms;

    /// <summary>Adds the terms up.</summary>
    /// <param name="terms">At least one.</param>
    public LossTerms(IEnumerable<LossTerm> terms)
    {
        _terms = [.. terms];
        Total = _terms.Select(term => term.Value.Times(term.Weight)).Aggregate((sum, term) => sum.Plus(term));
    }

    /// <summary>The names, in the order of the terms.</summary>
    public IEnumerable<string> Names => _terms.Select(term => term.Name);

    /// <summary>The sum of all terms times their weights: what is trained, with gradient.</summary>
    public Tensor Total { get; }

    /// <summary>A term's value, without its weight.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    public Tensor this[string name] => _terms.First(term => term.Name == name).Value;

    /// <summary>Every value by its name, and "total", on the device. The tensor belongs to the dispose scope in force.</summary>
    public PassLosses Detach()
    {
        using var scope = NewDisposeScope();
        return new([.. Names, "total"], stack([.. _terms.Select(term => term.Value.detach()), Total.detach()]).MoveToOuterDisposeScope());
    }

    /// <summary>Hands the tensors to the outer dispose scope.</summary>
    public LossTerms MoveToOuterDisposeScope()
    {
        foreach (var term in _terms)
            term.Value.MoveToOuterDisposeScope();
        Total.MoveToOuterDisposeScope();
        return this;
    }
}
