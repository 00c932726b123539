using System.Runtime.InteropServices;

namespace Pss.Engine.Data.Formats;

/// <summary>A set of ids, small where they lie close together, as those of annotations do: 64 neighbors share a word.</summary>
internal sealed class IdSet
{
    private readonly Dictionary<long, ulong> _words = [];

    /// <summary>Adds an id; false if it was there.</summary>
    public bool Add(long id)
    {
        ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(_words, id >> 6, out _);
        var bit = 1UL << (int)(id & 63);
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }
}
