using System.Security.Cryptography;
using System.Text;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Storage;

/// <content>What the disk is made of: folders, files, changes of names, open files.</content>
internal sealed partial class MemoryDisk
{
    private abstract class Node;

    private sealed class Folder : Node
    {
        public SortedDictionary<string, Node> Now { get; init; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, Node> Durable { get; init; } = new(StringComparer.Ordinal);

        // A folder that was moved is found at its old place and at its new one.
        public IEnumerable<Folder> Folders() =>
            new[] { this }
                .Concat(Now.Values.Concat(Durable.Values).OfType<Folder>().SelectMany(folder => folder.Folders()))
                .Distinct();

        public IEnumerable<Content> Files() => Folders().SelectMany(folder => folder.Now.Values).OfType<Content>();

        public void AddTo(IncrementalHash hash)
        {
            foreach (var (name, node) in Now)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"/{name}/{(node as Content)?.Now.Length}/"));
                hash.AppendData((node as Content)?.Now ?? []);
                (node as Folder)?.AddTo(hash);
            }

            hash.AppendData("//"u8);
        }

        public Folder Copied(Func<Folder, SortedDictionary<string, Node>> names, Func<Content, byte[]> content)
        {
            var copies = names(this)
                .ToDictionary(
                    entry => entry.Key,
                    entry =>
                        entry.Value is Folder folder
                            ? (Node)folder.Copied(names, content)
                            : new Content
                            {
                                Now = content((Content)entry.Value),
                                Durable = content((Content)entry.Value),
                            }
                );
            return new() { Now = new(copies, StringComparer.Ordinal), Durable = new(copies, StringComparer.Ordinal) };
        }
    }

    private sealed class Content : Node
    {
        public byte[] Now { get; set; } = [];

        public byte[] Durable { get; set; } = [];

        public bool IsSynced => Now.AsSpan().SequenceEqual(Durable);

        private int KeptLength => Now.AsSpan().CommonPrefixLength(Durable);

        /// <summary>The length is known to the disk, the bytes are not.</summary>
        public byte[] Zeroed() => IsSynced ? Now : [.. Now.AsSpan(0, KeptLength), .. new byte[Now.Length - KeptLength]];

        public byte[] TornAt(int length) => IsSynced ? Now : Now[..Math.Max(Math.Min(length, Now.Length), KeptLength)];
    }

    private sealed class NameChange((Folder Folder, string Name, Node? Node)[] effects)
    {
        public (Folder Folder, string Name, Node? Node)[] Effects => effects;

        public void MakeDurable()
        {
            foreach (var (folder, name, node) in effects)
            {
                Set(folder.Durable, name, node);
            }
        }
    }

    private sealed class OpenFile(MemoryDisk disk, Content file) : IDiskFile
    {
        public long Length => file.Now.Length;

        public int Read(Span<byte> into, long at)
        {
            var rest = file.Now.AsSpan((int)at);
            var count = Math.Min(rest.Length, into.Length);
            rest[..count].CopyTo(into);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long at)
        {
            try
            {
                disk.Count(needsRoom: true);
            }
            catch (IOException)
            {
                Put(bytes[..(bytes.Length / 2)], (int)at);
                throw;
            }
            catch (PowerCutException)
            {
                Put(bytes, (int)at);
                throw;
            }

            Put(bytes, (int)at);
        }

        public void Truncate(long length)
        {
            disk.Count();
            file.Now = file.Now[..(int)length];
        }

        public void Sync()
        {
            disk.Count();
            file.Durable = file.Now;
        }

        public void Dispose() { }

        private void Put(ReadOnlySpan<byte> bytes, int at)
        {
            var content = file.Now;
            Array.Resize(ref content, Math.Max(content.Length, at + bytes.Length));
            content = [.. content];
            bytes.CopyTo(content.AsSpan(at));
            file.Now = content;
        }
    }
}
