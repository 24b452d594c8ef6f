using System.Security.Cryptography;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Storage;

/// <summary>The power went at this operation.</summary>
internal sealed class PowerCutException : Exception;

/// <summary>
/// A disk that knows what would survive a power cut: the content of a file as of its last sync, and of what happened to
/// names since their folder was synced any part, in any order. It can cut the power at an operation, or refuse it.
/// </summary>
internal sealed partial class MemoryDisk : IDisk
{
    private const int EnoSpc = 28;
    private const int Eio = 5;

    private readonly Folder _root = new();
    private readonly List<NameChange> _pending = [];

    public MemoryDisk()
        : this(new Folder())
    {
        foreach (
            var name in new[]
            {
                StateDirectory.Sessions,
                StateDirectory.Closed,
                StateDirectory.SetAside,
                StateDirectory.Journal,
            }
        )
        {
            CreateFolder(name);
        }

        SyncFolder(string.Empty);
        Operations = 0;
    }

    private MemoryDisk(Folder root) => _root = root;

    /// <summary>Operations so far that change something or make it durable.</summary>
    public int Operations { get; private set; }

    /// <summary>The power goes instead of this operation (from 1); 0 is never.</summary>
    public int CutAt { get; set; }

    /// <summary>Operations that are refused with EIO, after half of the bytes if it is a write.</summary>
    public Range RefuseAt { get; set; } = ..0;

    /// <summary>From this operation on there is no room for anything new.</summary>
    public int FullFrom { get; set; } = int.MaxValue;

    public IDiskFile Create(string path)
    {
        Count(needsRoom: true);
        var (folder, name) = Locate(path);
        if (folder.Now.ContainsKey(name))
        {
            throw new IOException("File exists", 17);
        }

        var file = new Content();
        Change((folder, name, file));
        return new OpenFile(this, file);
    }

    public IDiskFile? Open(string path, bool canWrite = false) =>
        TryFind(path) switch
        {
            null => null,
            Content file => new OpenFile(this, file),
            _ => throw new IOException("Is a directory", 21),
        };

    public void CreateFolder(string path)
    {
        Count(needsRoom: true);
        var (folder, name) = Locate(path);
        if (folder.Now.ContainsKey(name))
        {
            throw new IOException("File exists", 17);
        }

        Change((folder, name, new Folder()));
    }

    public void Rename(string from, string to)
    {
        Count();
        var (source, sourceName) = Locate(from);
        var (target, targetName) = Locate(to);
        var node = source.Now.GetValueOrDefault(sourceName) ?? throw new IOException("No such file or directory", 2);
        if (target.Now.GetValueOrDefault(targetName) is Folder { Now.Count: > 0 })
        {
            throw new IOException("Directory not empty", 39);
        }

        Change((source, sourceName, null), (target, targetName, node));
    }

    public void DeleteFile(string path)
    {
        var (folder, name) = Locate(path);
        if (folder.Now.TryGetValue(name, out var node))
        {
            Count();
            Assert.IsType<Content>(node);
            Change((folder, name, null));
        }
    }

    public void DeleteFolder(string path)
    {
        Count();
        var (folder, name) = Locate(path);
        if (folder.Now[name] is not Folder { Now.Count: 0 })
        {
            throw new IOException("Directory not empty", 39);
        }

        Change((folder, name, null));
    }

    public void SyncFolder(string path)
    {
        Count();
        var folder =
            path.Length == 0 ? _root : (Folder)(TryFind(path) ?? throw new IOException("No such file or directory", 2));
        foreach (var change in _pending.Where(change => change.Effects.Any(effect => effect.Folder == folder)).ToList())
        {
            change.MakeDurable();
            _pending.Remove(change);
        }
    }

    public IReadOnlyList<DiskEntry> List(string path) =>
        path.Length == 0 || TryFind(path) is Folder
            ?
            [
                .. ((Folder)(path.Length == 0 ? _root : TryFind(path)!)).Now.Select(entry => new DiskEntry(
                    entry.Key,
                    entry.Value is Folder
                )),
            ]
            : throw new IOException("No such file or directory", 2);

    public byte[] Read(string path) => ((Content)TryFind(path)!).Now;

    /// <summary>Equal for disks with equal names and contents.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _root.AddTo(hash);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Replaces the content of a file, durably, behind everybody's back: bit rot.</summary>
    public void Rot(string path, byte[] bytes)
    {
        var file = (Content)TryFind(path)!;
        (file.Now, file.Durable) = (bytes, bytes);
    }

    /// <summary>Everything as it is now, on a disk without any fault to come.</summary>
    public MemoryDisk Copy() => new(_root.Copied(folder => folder.Now, file => file.Now));

    /// <summary>What may be found after the power comes back.</summary>
    /// <remarks>An unsynced write is lost, there, there as zeros, or torn at any byte.</remarks>
    public IEnumerable<MemoryDisk> AfterPowerCut()
    {
        var changes = _pending.ToArray();
        Assert.InRange(changes.Length, 0, 10);
        var all = (1 << changes.Length) - 1;
        for (var subset = 0; subset <= all; subset++)
        {
            foreach (
                var content in new Func<Content, byte[]>[]
                {
                    file => file.Durable,
                    file => file.Now,
                    file => file.Zeroed(),
                }
            )
            {
                yield return Survived(changes, subset, content);
            }
        }

        var longest = _root.Files().Select(file => file.IsSynced ? 0 : file.Now.Length).DefaultIfEmpty().Max();
        for (var at = 0; at < longest; at++)
        {
            var cut = at;
            yield return Survived(changes, 0, file => file.TornAt(cut));
            yield return Survived(changes, all, file => file.TornAt(cut));
        }
    }

    /// <summary>One of the disks that may be found after the power comes back.</summary>
    public MemoryDisk AfterPowerCut(Random chance)
    {
        const int ChangesMax = 30;
        var changes = _pending.ToArray();
        Assert.InRange(changes.Length, 0, ChangesMax);
        return Survived(
            changes,
            chance.Next(1 << changes.Length),
            chance.Next(4) switch
            {
                0 => file => file.Durable,
                1 => file => file.Now,
                2 => file => file.Zeroed(),
                _ => file => file.TornAt(chance.Next(file.Now.Length + 1)),
            }
        );
    }

    private MemoryDisk Survived(NameChange[] changes, int subset, Func<Content, byte[]> content)
    {
        var names = _root
            .Folders()
            .ToDictionary(
                folder => folder,
                folder => new SortedDictionary<string, Node>(folder.Durable, StringComparer.Ordinal)
            );
        foreach (var change in changes.Where((_, at) => (subset >> at & 1) != 0))
        {
            foreach (var (folder, name, node) in change.Effects)
            {
                Set(
                    names.TryGetValue(folder, out var known) ? known : names[folder] = new(StringComparer.Ordinal),
                    name,
                    node
                );
            }
        }

        return new(_root.Copied(folder => names.TryGetValue(folder, out var known) ? known : folder.Durable, content));
    }

    private static void Set(SortedDictionary<string, Node> names, string name, Node? node)
    {
        names.Remove(name);
        if (node is not null)
        {
            names[name] = node;
        }
    }

    private void Count(bool needsRoom = false)
    {
        Operations++;
        if (Operations == CutAt)
        {
            throw new PowerCutException();
        }

        if (Operations >= RefuseAt.Start.Value && Operations < RefuseAt.End.Value)
        {
            throw new IOException("Input/output error", Eio);
        }

        if (needsRoom && Operations >= FullFrom)
        {
            throw new IOException("No space left on device", EnoSpc);
        }
    }

    private void Change(params (Folder Folder, string Name, Node? Node)[] effects)
    {
        foreach (var (folder, name, node) in effects)
        {
            Set(folder.Now, name, node);
        }

        _pending.Add(new(effects));
    }

    private (Folder Folder, string Name) Locate(string path)
    {
        var slash = path.LastIndexOf('/');
        var folder = slash < 0 ? _root : TryFind(path[..slash]) as Folder;
        return (folder ?? throw new IOException("No such file or directory", 2), path[(slash + 1)..]);
    }

    private Node? TryFind(string path)
    {
        Node? node = _root;
        foreach (var name in path.Split('/'))
        {
            node = (node as Folder)?.Now.GetValueOrDefault(name);
        }

        return node;
    }
}
