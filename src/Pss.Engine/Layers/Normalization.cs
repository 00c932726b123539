
namespace Pss.Engine.Layers;

/// <summary>The normalization behind the convolutions of a backbone.</summary>
public enum Normalization
{
    /// <summary>Stored statistics, scale and shift, none of them trained: for pretrained weights and small batches.</summary>
    FrozenBatchNorm,

    /// <summary>Ordinary batch normalization: for training from scratch with batches of about 8 images and more.</summary>
    BatchNorm,

    /// <summary>Group normalization with up to 32 groups: for training from scratch with any batch.</summary>
    GroupNorm,
}
