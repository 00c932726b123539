using System.Collections.Concurrent;
using Pss.Engine.Data.Augmentation;

namespace Pss.Engine.Data.Loading;

/// <summary>Makes batches on worker threads, ahead of the training step. Order and content are a pure function of (seed, epoch),
/// independent of the number and speed of the threads.</summary>
internal sealed class BatchLoader
{
    private readonly ISampleSource _source;
    private readonly BatchLoaderOptions _options;
    private readonly SampleTransform _transform;
    private readonly BatchPlan _plan;

    /// <summary>Makes a loader.</summary>
    /// <param name="source">The samples.</param>
    /// <param name="transform">The augmentation of each sample, which sets its size.</param>
    /// <param name="options">Options for batches.</param>
    /// <exception cref="ArgumentException">The source is empty, or an option is out of range.</exception>
    public BatchLoader(ISampleSource source, SampleTransform transform, BatchLoaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(transform);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (source.Count == 0)
            throw new ArgumentException("the source has no samples", nameof(source));
        (_source, _transform, _options) = (source, transform, options);
        _plan = new BatchPlan(source, options);
        if (BatchesPerEpoch == 0)
            throw new ArgumentException("no sample has objects, and the ratio of images without objects leaves none of the others", nameof(source));
    }

    /// <summary>Number of batches per epoch.</summary>
    public int BatchesPerEpoch => _plan.BatchesPerEpoch;

    /// <summary>The batches of an epoch and of all after it, one epoch behind the other: the first batches of an epoch are made while the last ones of the epoch
    /// before are in use. The threads end with the enumeration, when it is left or canceled.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">Its first batch, 0 to <see cref="BatchesPerEpoch"/>: an interrupted epoch continues with the same batches.</param>
    /// <param name="cancellationToken">Cancels waiting for a batch.</param>
    /// <exception cref="InvalidDataException">A sample cannot be loaded; the message names it.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public IEnumerable<TrainingBatch> From(int epoch, int firstBatch = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchesPerEpoch);
        return Run(Enumerable.Range(epoch, _options.Epochs - epoch).SelectMany(each => Planned(each, each == epoch ? firstBatch : 0)), cancellationToken);
    }

    private IEnumerable<(int Epoch, int[] Entries)> Planned(int epoch, int firstBatch) => _plan.Of(epoch).Skip(firstBatch).Select(entries => (epoch, entries));

    private IEnumerable<TrainingBatch> Run(IEnumerable<(int Epoch, int[] Entries)> planned, CancellationToken cancellationToken)
    {
        using var plan = planned.GetEnumerator();
        using var workers = new Workers(_options.Workers > 0 ? _options.Workers : Math.Min(16, Environment.ProcessorCount));
        var ahead = new Queue<Task<TrainingBatch>>();
        try
        {
            while (true)
            {
                while (ahead.Count <= _options.Prefetch && plan.MoveNext())
                    ahead.Enqueue(Start(plan.Current.Entries, plan.Current.Epoch, workers));
                if (ahead.Count == 0)
                    yield break;
                var batch = ahead.Peek();
                // Waits without wrapping the task's exception.
                Task.WaitAny([batch], cancellationToken);
                ahead.Dequeue();
                yield return batch.GetAwaiter().GetResult();
            }
        }
        finally
        {
            workers.Dispose();
            foreach (var unused in ahead.Where(task => task.IsCompletedSuccessfully))
                unused.Result.Dispose();
        }
    }

    /// <summary>Queues the samples of a batch, then the work of collating them. The queue keeps its order: when collating starts, every sample is
    /// running or done, so that waiting for them cannot deadlock.</summary>
    private Task<TrainingBatch> Start(int[] entries, int epoch, Workers workers)
    {
        var indices = Array.ConvertAll(entries, entry => entry % _source.Count);
        int[] own = [.. entries.Where((_, i) => i % _options.Processes == _options.Rank)];
        if (own.Length == 0)
            return Task.FromResult(TrainingBatch.Empty(indices));
        var samples = Array.ConvertAll(own, entry => workers.Add(() => Load(entry, epoch)));
        var ownIndices = Array.ConvertAll(own, entry => entry % _source.Count);
        return workers.Add(() => TrainingBatch.Collate(
            Array.ConvertAll(samples, sample => sample.GetAwaiter().GetResult()), ownIndices, _options.SizeDivisor, indices));
    }

    private TrainingSample Load(int entry, int epoch)
    {
        var index = entry % _source.Count;
        return Named(index, () => _transform.ForEpoch(epoch, _options.Epochs).Apply(
            LoadChecked(index), SeededRandom.For(_options.Seed, epoch, entry), random => LoadAnother(random.Next(_source.Count))));
    }

    private TrainingSample LoadAnother(int index) => Named(index, () => LoadChecked(index));

    private TrainingSample LoadChecked(int index)
    {
        var sample = _source.Load(index);
        sample.Validate();
        return sample;
    }

    /// <summary>Names the sample where loading fails.</summary>
    private static TrainingSample Named(int index, Func<TrainingSample> load)
    {
        try
        {
            return load();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            throw new InvalidDataException($"sample {index} cannot be loaded: {fault.Message}", fault);
        }
    }

    /// <summary>Threads that run tasks in the order they were added.</summary>
    private sealed class Workers : IDisposable
    {
        private readonly BlockingCollection<Task> _queue = [];
        private readonly Thread[] _threads;
        private volatile bool _stopped;

        public Workers(int count)
        {
            _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(Work) { IsBackground = true, Name = $"batch loader {i}" })];
            foreach (var thread in _threads)
                thread.Start();
        }

        public Task<T> Add<T>(Func<T> work)
        {
            var task = new Task<T>(() => _stopped ? throw new OperationCanceledException() : work());
            _queue.Add(task);
            return task;
        }

        /// <summary>Waits for running work, drops queued work, and ends the threads.</summary>
        public void Dispose()
        {
            if (_stopped)
                return;
            _stopped = true;
            _queue.CompleteAdding();
            foreach (var thread in _threads)
                thread.Join();
            _queue.Dispose();
        }

        private void Work()
        {
            foreach (var task in _queue.GetConsumingEnumerable())
                task.RunSynchronously(TaskScheduler.Default);
        }
    }
}
