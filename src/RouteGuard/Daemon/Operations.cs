namespace RouteGuard.Daemon;

/// <summary>A request that the guard goes on with after its caller was told so.</summary>
/// <param name="Id">Cannot be guessed.</param>
/// <param name="Uid">Who made it.</param>
/// <param name="Reply">What the request itself would have been answered; it never fails.</param>
internal sealed record Operation(string Id, uint Uid, Task<Reply> Reply);

/// <summary>The last operations: so many, and so many bytes of answers. May be used on any thread.</summary>
internal sealed class Operations(int countMax = Limits.OperationsMax, int bytesMax = Limits.OperationBytesMax)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Operation> _kept = new();

    public Operation Keep(uint uid, Task<Reply> reply)
    {
        // From the kernel's own source of chance (getrandom), which needs no OpenSSL on the machine.
        var operation = new Operation($"op-{Guid.NewGuid():n}", uid, reply);
        lock (_gate)
        {
            _kept.AddLast(operation);
            ForgetTheOldest();
        }

        return operation;
    }

    /// <returns>Null when there is none, or none any more.</returns>
    public Operation? Find(string id)
    {
        lock (_gate)
        {
            ForgetTheOldest();
            return _kept.FirstOrDefault(operation => string.Equals(operation.Id, id, StringComparison.Ordinal));
        }
    }

    // The newest stays in any case: whoever waits for it would wait in vain.
    private void ForgetTheOldest()
    {
        while (_kept.Count > 1 && (_kept.Count > countMax || _kept.Sum(Bytes) > bytesMax))
        {
            _kept.RemoveFirst();
        }
    }

    private static long Bytes(Operation operation) =>
        operation.Reply.IsCompletedSuccessfully ? operation.Reply.Result.Body.Length : 0;
}
