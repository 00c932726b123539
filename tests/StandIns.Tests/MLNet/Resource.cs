using Microsoft.ML;
using Microsoft.ML.Data;

namespace StandIns.Tests.MLNet;

/// <summary>A transformer that holds something.</summary>
internal sealed class Resource() : HandMadeMapper("Held", NumberDataViewType.Int32, []), IDisposable
{
    private int _computed;

    public int Disposed { get; private set; }

    /// <summary>How often the column was asked for a getter: once for each row object where it is active.</summary>
    public int Activations { get; private set; }

    public void Dispose() => Disposed++;

    protected override Delegate MakeGetter(DataViewRow input)
    {
        Activations++;
        return (ValueGetter<int>)((ref int value) => value = ++_computed);
    }
}
