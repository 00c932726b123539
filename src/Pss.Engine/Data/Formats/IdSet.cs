using System.Runtime.InteropServices;

namespace Pss.Engine.Data.Formats;

/// <summary>A set of ids that needs little memory for dense ids, as annotations have: 64 neighbors share a word.</summary>
internal sealed class IdSet
{
    private readonly Dictionary<long, ulong> _words = [];

    /// <summary>Adds an id; false if the set already has it.</summary>
    public bool Add(long id)
    {
        ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(_words, id >> 6, out _);
        var bit = 1UL << (int)(id & 63);
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }
}
