namespace RouteGuard.Platform.MacOS;

/// <summary>The system calls of Darwin that routing needs. Behind it is XNU, or a simulation of it.</summary>
/// <remarks>A refusal is an errno of <see cref="DarwinErrno"/>, never an exception: callers know what each one
/// means.</remarks>
internal interface IRoutingKernel
{
    /// <summary><c>socket(PF_ROUTE, SOCK_RAW, 0)</c>. Protocol 0: a socket for one family misses additions.</summary>
    /// <exception cref="Core.Ports.KernelRoutesException">No socket can be had.</exception>
    IRoutingSocket OpenRoutingSocket();

    /// <summary><c>sysctl(3)</c>, reading.</summary>
    /// <param name="name">Such as <see cref="RoutingSysctl.Table"/>.</param>
    /// <param name="into">Room for the answer; empty asks for the length alone, which holds no reserve.</param>
    /// <param name="lengthBytes">Bytes of the answer, also where they did not fit.</param>
    /// <returns>0, or ENOMEM when the answer does not fit, or why not.</returns>
    int Sysctl(ReadOnlySpan<int> name, Span<byte> into, out int lengthBytes);

    /// <summary><c>if_nametoindex(3)</c>; 0 when there is no such interface.</summary>
    int IndexOf(string interfaceName);
}

/// <summary>One routing socket. Closed by disposing.</summary>
internal interface IRoutingSocket : IDisposable
{
    /// <summary><c>write(2)</c> of one request. The kernel is done when it returns.</summary>
    /// <returns>0, or the errno that refuses it.</returns>
    int Write(ReadOnlySpan<byte> request);

    /// <summary><c>recv(2)</c> of one message without waiting. What does not fit into the room is lost.</summary>
    /// <returns>False when there is none.</returns>
    bool TryRead(Span<byte> into, out int lengthBytes);

    /// <summary><c>setsockopt(SO_RCVBUF)</c>. Messages that find no room vanish without a sign.</summary>
    /// <returns>0, or ENOBUFS when it is more than the kernel gives.</returns>
    int SetReceiveBuffer(int bytes);

    /// <summary><c>setsockopt(SO_USELOOPBACK)</c>: whether the socket hears its own requests.</summary>
    void SetUseLoopback(bool isOn);
}
