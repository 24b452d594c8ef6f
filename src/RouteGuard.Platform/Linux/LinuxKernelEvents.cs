using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>Waits for rtnetlink, for processes and for a nudge, all by one epoll.</summary>
/// <remarks>
/// Hears the network namespace that it was made in. Everything but <see cref="Wake"/> belongs to one thread.
/// Sources: epoll(7), rtnetlink(7), pidfd_open(2), eventfd(2).
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed unsafe class LinuxKernelEvents : IKernelEvents
{
    /// <summary>Datagrams taken by one wait, about 1 µs each. What is left is taken by the next.</summary>
    public const int DatagramsPerWaitMax = 4096;

    /// <summary>Descriptors that one wait hears of; the others are told by the next.</summary>
    private const int ReadyMax = 16;

    // Tokens of processes count from 1.
    private const ulong KernelToken = ulong.MaxValue;
    private const ulong WakeToken = ulong.MaxValue - 1;

    private readonly NetlinkSocket _kernel;
    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wake;
    private readonly ProcessWatch _processes = new();
    private readonly RouteWriters _writers = new();
    private readonly Libc.Epoll.Events _ready = new(ReadyMax);
    private readonly Libc.Epoll.Events _question = new(1);
    private int _writersLeft;

    /// <summary>Begins to listen: what happens from now on is kept for the first wait.</summary>
    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    public LinuxKernelEvents()
        : this(NetlinkSocket.EventsBytesMax) { }

    internal LinuxKernelEvents(int receiveBytes)
    {
        _kernel = NetlinkSocket.OpenForEvents(NetlinkGroup.All, receiveBytes);
        _epoll = Libc.Epoll.epoll_create1(Libc.Epoll.EPOLL_CLOEXEC);
        _wake = Libc.Epoll.eventfd(0, Libc.Epoll.EFD_CLOEXEC | Libc.Epoll.EFD_NONBLOCK);
        try
        {
            Add(_kernel.Handle, KernelToken);
            Add(_wake, WakeToken);
        }
        catch (KernelRoutesException)
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// All that is pending is taken. Changes of the table become one <see cref="KernelEvent.TableChanged"/>, at the
    /// place of the
    /// first. An interface that is no longer usable is told at once, and what came after it by the next wait: nobody
    /// who waits
    /// for a tunnel's death waits for the rest of a storm.
    /// </remarks>
    public void Wait(TimeSpan timeout, List<KernelEvent> into)
    {
        var count = WaitReady(timeout);
        for (var at = 0; at < count; at++)
        {
            switch (_ready.TokenOf(at))
            {
                case KernelToken:
                    TakeKernel(into);
                    break;
                case WakeToken:
                    ulong nudges;
                    Libc.Epoll.read(_wake, &nudges, sizeof(ulong));
                    break;
                case var token when _processes.Find(token) is { } process:
                    _processes.Remove(process);
                    into.Add(new KernelEvent.ProcessExited(process));
                    break;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Asked again of a watched process it looks again, and costs one system call.</remarks>
    public bool TryWatch(ProcessIdentity process)
    {
        if (!_processes.TryAdd(process, out var isNew))
        {
            return false;
        }

        if (!isNew)
        {
            return true;
        }

        try
        {
            var watched = _processes.Of(process);
            Add(watched.Descriptor, watched.Token);
            return true;
        }
        catch (KernelRoutesException)
        {
            _processes.Remove(process);
            throw;
        }
    }

    public void Unwatch(ProcessIdentity process) => _processes.Remove(process);

    public void Wake()
    {
        // A counter that is full is a nudge, too.
        var nudge = 1ul;
        Libc.Epoll.write(_wake, &nudge, sizeof(ulong));
    }

    public void Dispose()
    {
        _processes.Dispose();
        _kernel.Dispose();
        _wake.Dispose();
        _epoll.Dispose();
    }

    private int WaitReady(TimeSpan timeout)
    {
        var waitMilliseconds = (long)Math.Ceiling(Math.Clamp(timeout.TotalMilliseconds, 0, int.MaxValue));
        var deadline = Environment.TickCount64 + waitMilliseconds;
        while (true)
        {
            var count = Libc.Epoll.epoll_wait(_epoll, _ready.Address, _ready.Count, (int)waitMilliseconds);
            if (count >= 0)
            {
                return count;
            }

            var errno = LinuxErrno.Last;
            if (errno.Number != LinuxErrno.EINTR)
            {
                throw KernelRefusal.Of(KernelRefusal.WaitForEvents, errno);
            }

            // A signal; the deadline bounds the loop, as a wait of 0 is never interrupted.
            waitMilliseconds = Math.Max(0, deadline - Environment.TickCount64);
        }
    }

    private void TakeKernel(List<KernelEvent> into)
    {
        var isTableTold = false;
        _writersLeft = RouteWriters.PerWaitMax;
        for (var taken = 0; taken < DatagramsPerWaitMax; taken++)
        {
            var errno = _kernel.Receive(out var datagram, isWaiting: false);
            if (errno.Number == LinuxErrno.EAGAIN)
            {
                return;
            }

            if (!errno.IsNone)
            {
                into.Add(KernelEvent.Lost.Instance);
                continue;
            }

            if (TakeDatagram(datagram, into, ref isTableTold))
            {
                return;
            }
        }
    }

    // True when an interface is no longer usable.
    private bool TakeDatagram(ReadOnlySpan<byte> datagram, List<KernelEvent> into, ref bool isTableTold)
    {
        var isUrgent = false;
        var messages = new NetlinkMessages(datagram);
        while (messages.TryNext(out var message))
        {
            switch (message.Type)
            {
                case NetlinkType.NewLink or NetlinkType.DeleteLink:
                    isUrgent |= TakeLink(message, into);
                    break;
                case NetlinkType.Noop:
                    break;
                case NetlinkType.Overrun:
                    into.Add(KernelEvent.Lost.Instance);
                    break;
                default:
                    if (!isTableTold)
                    {
                        isTableTold = true;
                        into.Add(KernelEvent.TableChanged.Instance);
                    }

                    NameWriter(message, into);
                    break;
            }
        }

        if (!messages.Fault.IsNone)
        {
            into.Add(KernelEvent.Lost.Instance);
        }

        return isUrgent;
    }

    private void NameWriter(in NetlinkMessage message, List<KernelEvent> into)
    {
        if (
            _writersLeft > 0
            && message.Type is (NetlinkType.NewRoute or NetlinkType.DeleteRoute)
            && _writers.Name(message) is { } written
        )
        {
            _writersLeft--;
            into.Add(written);
        }
    }

    private static bool TakeLink(in NetlinkMessage message, List<KernelEvent> into)
    {
        if (!LinkCodec.TryDecode(message.Body, out var link, out var isBridgePort, out _))
        {
            into.Add(KernelEvent.Lost.Instance);
            return false;
        }

        if (isBridgePort)
        {
            return false;
        }

        var isGone = message.Type == NetlinkType.DeleteLink;
        var isUsable = !isGone && link is { IsUsable: true };
        into.Add(new KernelEvent.LinkChanged(link.Index, link.Name, isUsable, isGone));
        return !isUsable;
    }

    private void Add(SafeFileHandle descriptor, ulong token)
    {
        _question.Set(0, Libc.Epoll.EPOLLIN, token);
        if (
            descriptor.IsInvalid
            || Libc.Epoll.epoll_ctl(_epoll, Libc.Epoll.EPOLL_CTL_ADD, descriptor, _question.Address) != 0
        )
        {
            throw KernelRefusal.Of(KernelRefusal.WaitForEvents, LinuxErrno.Last);
        }
    }
}
