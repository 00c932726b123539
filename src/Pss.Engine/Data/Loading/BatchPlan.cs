namespace Pss.Engine.Data.Loading;

/// <summary>Which samples an epoch takes, and in which batches. Every epoch has the same number of batches.</summary>
/// <remarks>An entry of a batch is a sample's index, plus the number of samples for its second time in an epoch, and so on: each time has draws of its
/// own.</remarks>
internal sealed class BatchPlan
{
    private readonly BatchLoaderOptions _options;
    private readonly Group[] _groups;

    /// <summary>Makes a plan.</summary>
    /// <param name="source">The samples; at least one.</param>
    /// <param name="options">Options for batches; checked.</param>
    public BatchPlan(ISampleSource source, BatchLoaderOptions options)
    {
        _options = options;
        var factors = options.RepeatThreshold > 0 ? RepeatFactors(source, options.RepeatThreshold) : null;
        var groups = Groups(source, options);
        var quotas = Quotas(source, groups, options.BackgroundRatio);
        _groups = [.. groups.Select((group, i) => new Group(group, source, quotas[i], factors))];
        BatchesPerEpoch = _groups.Sum(group => Batches(new int[group.Count], options.BatchSize).Count);
    }

    /// <summary>Number of batches per epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>The entries of each batch of an epoch.</summary>
    public IReadOnlyList<int[]> Of(int epoch)
    {
        var random = SeededRandom.For(_options.Seed, epoch, -1);
        var batches = new List<int[]>(BatchesPerEpoch);
        foreach (var group in _groups)
            batches.AddRange(Batches(group.Draw(random, _options.Shuffle), _options.BatchSize));
        var result = batches.ToArray();
        if (_options.Shuffle)
            random.Shuffle<int[]>(result);
        return result;
    }

    /// <summary>
    /// How often each sample is taken on average, at least 1 (Gupta et al., "LVIS", section 5): the largest of sqrt(threshold / f) over its classes, where f is
    /// the share of the samples with that class.
    /// </summary>
    /// <param name="source">The samples.</param>
    /// <param name="threshold">The share below which a class is rare.</param>
    public static double[] RepeatFactors(ISampleSource source, double threshold)
    {
        var labels = Enumerable.Range(0, source.Count).Select(index => source.LabelsOf(index).Distinct().ToArray()).ToArray();
        var ofClass = labels.SelectMany(each => each).CountBy(label => label)
            .ToDictionary(count => count.Key, count => Math.Max(1, Math.Sqrt(threshold * source.Count / count.Value)));
        return Array.ConvertAll(labels, each => each.Length == 0 ? 1 : each.Max(label => ofClass[label]));
    }

    /// <summary>Wide and tall images apart, unless one of the groups would be a single image.</summary>
    private static int[][] Groups(ISampleSource source, BatchLoaderOptions options)
    {
        var indices = Enumerable.Range(0, source.Count);
        if (!options.GroupByAspect)
            return [[.. indices]];
        int[][] groups = [.. indices.GroupBy(index => source.SizeOf(index) is var (width, height) && width >= height).Select(group => group.ToArray())];
        return options.BatchSize > 1 && groups.Length == 2 && groups.Any(group => group.Length == 1) ? [[.. indices]] : groups;
    }

    /// <summary>How many images without objects an epoch takes of each group; all of them without a ratio.</summary>
    private static int[] Quotas(ISampleSource source, int[][] groups, double ratio)
    {
        if (ratio == 0)
            return Array.ConvertAll(groups, group => group.Length);
        var empty = Array.ConvertAll(groups, group => group.Count(index => source.LabelsOf(index).Count == 0));
        var (all, allowed) = ((long)empty.Sum(), BackgroundOf(source.Count - empty.Sum(), empty.Sum(), ratio));
        var (seen, given) = (0L, 0);
        return Array.ConvertAll(empty, count =>
        {
            seen += count;
            var share = all == 0 ? 0 : (int)(seen * allowed / all) - given;
            given += share;
            return share;
        });
    }

    /// <summary>Images without objects in an epoch.</summary>
    /// <param name="filled">Images with objects.</param>
    /// <param name="empty">Images without.</param>
    /// <param name="ratio">At most so many of these for one of those; 0 takes all.</param>
    public static int BackgroundOf(int filled, int empty, double ratio) => ratio == 0 ? empty : (int)Math.Min(empty, Math.Floor(ratio * filled));

    /// <summary>Cuts an order into batches. A last batch of one image would give batch normalization too little: it gets an image of the batch before
    /// it, or joins it where that has two.</summary>
    private static List<int[]> Batches(int[] order, int size)
    {
        var batches = order.Chunk(size).ToList();
        if (size == 1 || batches.Count < 2 || batches[^1].Length > 1)
            return batches;
        var both = order[^(size + 1)..];
        batches.RemoveRange(batches.Count - 2, 2);
        batches.AddRange(both.Chunk(size == 2 ? 3 : size - 1));
        return batches;
    }

    /// <summary>Samples whose batches are made together.</summary>
    private sealed class Group
    {
        private readonly int[] _filled;
        private readonly int[] _empty;
        private readonly int _quota;
        private readonly double[]? _factors;
        private readonly int _samples;

        public Group(int[] indices, ISampleSource source, int quota, double[]? factors)
        {
            var limited = quota < indices.Length;
            _filled = limited ? [.. indices.Where(index => source.LabelsOf(index).Count > 0)] : indices;
            _empty = limited ? [.. indices.Except(_filled)] : [];
            (_quota, _factors, _samples) = (limited ? quota : 0, factors, source.Count);
            Count = _quota + (factors is null ? _filled.Length : (int)Math.Ceiling(_filled.Sum(index => factors[index]) - 1e-6));
        }

        /// <summary>Number of entries in an epoch.</summary>
        public int Count { get; }

        public int[] Draw(SeededRandom random, bool shuffle)
        {
            var order = (int[])_filled.Clone();
            if (shuffle)
                random.Shuffle<int>(order);
            if (_empty.Length == 0 && _factors is null)
                return order;
            var background = (int[])_empty.Clone();
            random.Shuffle<int>(background);
            int[] drawn = [.. Repeat(order, random), .. background.Take(_quota)];
            if (shuffle)
                random.Shuffle<int>(drawn);
            return drawn;
        }

        /// <summary>
        /// Takes every sample as often as its factor says, the fractional part at random (systematic sampling): the sums of the factors are cut at whole numbers
        /// from a random start, so that their total, rounded up, is the same every epoch.
        /// </summary>
        private IEnumerable<int> Repeat(int[] order, SeededRandom random)
        {
            if (_factors is null)
                return order;
            var scale = (Count - _quota) / order.Sum(index => _factors[index]);
            var (sum, start) = (0.0, random.NextDouble());
            var entries = new List<int>(Count);
            for (int i = 0, taken = 0; i < order.Length; i++)
            {
                sum += scale * _factors[order[i]];
                var due = i == order.Length - 1 ? Count - _quota : (int)Math.Floor(sum + start);
                for (var time = 0; taken < due; taken++, time++)
                    entries.Add(order[i] + time * _samples);
            }
            return entries;
        }
    }
}
