using System.Globalization;
using Pss.Engine.Data.Augmentation;

namespace Pss.Engine.Data.Loading;

/// <summary>A source of training samples. Every member may be called from several threads at once.</summary>
internal interface ISampleSource
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>Size of a sample's image in pixels, without decoding it.</summary>
    (int Width, int Height) SizeOf(int index);

    /// <summary>Decodes a sample. The same index gives the same sample every time.</summary>
    TrainingSample Load(int index);

    /// <summary>The label of each object of a sample; sources that know them otherwise need not load it.</summary>
    IReadOnlyList<int> LabelsOf(int index) => Load(index).Labels;

    /// <summary>The name of a sample for error messages: its file, or else its index.</summary>
    string NameOf(int index) => index.ToString(CultureInfo.InvariantCulture);
}
