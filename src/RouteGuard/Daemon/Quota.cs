namespace RouteGuard.Daemon;

/// <summary>Places that are given out: so many in all, some of them kept for the privileged, and so many to one
/// user.</summary>
/// <remarks>What it remembers is bounded by the places that are taken. May be used on any thread.</remarks>
/// <param name="total">Places in all.</param>
/// <param name="kept">Of these, only for the privileged.</param>
internal sealed class Quota(int total, int kept = 0)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, int> _perUser = [];
    private int _taken;
    private int _takenByOthers;

    public int Taken
    {
        get
        {
            lock (_gate)
            {
                return _taken;
            }
        }
    }

    /// <param name="uid">Who asks for a place.</param>
    /// <param name="isPrivileged">He may have one that is kept.</param>
    /// <param name="perUserMax">He may have so many; null for as many as there are.</param>
    /// <returns>False when there is none for him.</returns>
    public bool TryTake(uint uid, bool isPrivileged, int? perUserMax)
    {
        lock (_gate)
        {
            var own = _perUser.GetValueOrDefault(uid);
            if (_taken >= total || own >= perUserMax || (!isPrivileged && _takenByOthers >= total - kept))
            {
                return false;
            }

            _perUser[uid] = own + 1;
            _taken++;
            _takenByOthers += isPrivileged ? 0 : 1;
            return true;
        }
    }

    /// <summary>Gives a place back, with the words with which it was taken.</summary>
    public void GiveBack(uint uid, bool isPrivileged)
    {
        lock (_gate)
        {
            _taken--;
            _takenByOthers -= isPrivileged ? 0 : 1;
            if (--_perUser[uid] == 0)
            {
                _perUser.Remove(uid);
            }
        }
    }
}
