namespace DetectionService.Requests;

/// <summary>Bounds the requests that are in the service at a time, and their bytes.</summary>
internal sealed class Admission(int maxRequests, long maxBytes)
{
    private readonly Lock _gate = new();
    private int _requests;
    private long _bytes;

    /// <summary>Requests that are read, wait or are scored.</summary>
    public int Requests
    {
        get
        {
            lock (_gate)
                return _requests;
        }
    }

    /// <summary>Takes a place, until it is disposed of; null if the service is full.</summary>
    /// <param name="bytes">Most bytes that the request holds.</param>
    public IDisposable? TryEnter(long bytes)
    {
        lock (_gate)
        {
            if (_requests >= maxRequests || _bytes + bytes > maxBytes)
                return null;
            _requests++;
            _bytes += bytes;
            return new Place(this, bytes);
        }
    }

    private sealed class Place(Admission admission, long bytes) : IDisposable
    {
        private bool _left;

        public void Dispose()
        {
            lock (admission._gate)
            {
                if (_left)
                    return;
                _left = true;
                admission._requests--;
                admission._bytes -= bytes;
            }
        }
    }
}
