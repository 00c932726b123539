namespace Pss.Engine.Detectors;

/// <summary>Options of VFNet; the defaults are its authors'.</summary>
public sealed record VfnetOptions : AtssOptions
{
    /// <summary>The defaults, without a number of classes.</summary>
    public VfnetOptions()
    {
        Pyramid = new();
        BoxEncoding = Boxes.BoxEncoding.Distances;
        Head = new() { Convolutions = 3 };
        IgnorePadding = false;
    }

    /// <summary>Factor of the loss of the boxes before refinement; <see cref="Losses.LossOptions.BoxWeight"/> is that of the refined ones.</summary>
    public double FirstBoxWeight { get; init; } = 1.5;

    /// <summary>Varifocal loss: weight of the entries without an object.</summary>
    public double VarifocalAlpha { get; init; } = 0.75;

    /// <summary>Varifocal loss: exponent of the entries without an object.</summary>
    public double VarifocalGamma { get; init; } = 2;

    /// <inheritdoc/>
    internal override string Kind => "VFNet";

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Within(FirstBoxWeight, 0, 1000);
        Check.Within(VarifocalAlpha, 0, 1);
        Check.Within(VarifocalGamma, 0, 10);
        Check.That(BoxEncoding == Boxes.BoxEncoding.Distances, nameof(BoxEncoding), BoxEncoding, "distances");
    }

    /// <inheritdoc/>
    internal override DenseDetector Build(ulong seed = 0) => new Vfnet(this, seed);
}
