namespace Microsoft.ML;

internal static class RandomExtensions
{
    /// <summary>The numbers below <paramref name="count"/> in random order.</summary>
    public static int[] Order(this Random rand, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        rand.Shuffle(order);
        return order;
    }
}
