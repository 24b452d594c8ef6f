namespace RouteGuard.Platform.Storage;

/// <summary>
/// The few file operations that storage is made of, each as small as a system call, so that a test can cut the power
/// between any two of them. Paths are relative to the state directory, with slashes.
/// </summary>
/// <remarks>Every member throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when the disk
/// refuses.</remarks>
internal interface IDisk
{
    /// <summary>Makes an empty file of mode 0600 where nothing has that name.</summary>
    IDiskFile Create(string path);

    /// <summary>Opens a file that is there, or null. Never through a symbolic link.</summary>
    IDiskFile? Open(string path, bool canWrite = false);

    /// <summary>Makes a folder of mode 0700.</summary>
    void CreateFolder(string path);

    /// <summary>rename(2): a file that has the new name is replaced in the same instant.</summary>
    void Rename(string from, string to);

    /// <summary>Removes a file, if it is there.</summary>
    void DeleteFile(string path);

    /// <summary>Removes an empty folder.</summary>
    void DeleteFolder(string path);

    /// <summary>Makes creations, renames and removals in a folder survive a power cut.</summary>
    void SyncFolder(string path);

    /// <summary>What a folder holds, in ordinal order of names.</summary>
    IReadOnlyList<DiskEntry> List(string path);
}

/// <summary>An open file.</summary>
internal interface IDiskFile : IDisposable
{
    long Length { get; }

    /// <summary>Fills the span from an offset; fewer bytes only at the end of the file.</summary>
    int Read(Span<byte> into, long at);

    void Write(ReadOnlySpan<byte> bytes, long at);

    void Truncate(long length);

    /// <summary>Makes the content survive a power cut.</summary>
    void Sync();
}

/// <summary>One name in a folder. A symbolic link is no folder, whatever it points to.</summary>
internal readonly record struct DiskEntry(string Name, bool IsFolder);
