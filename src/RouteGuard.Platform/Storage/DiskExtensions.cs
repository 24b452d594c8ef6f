using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RouteGuard.Platform.Storage;

/// <summary>Reads the value of a document, or says why not; true or false, for any bytes whatever.</summary>
internal delegate bool DocumentDecoder<T>(
    ReadOnlySpan<byte> bytes,
    [NotNullWhen(true)] out T? value,
    [NotNullWhen(false)] out DocumentFault? fault
);

/// <summary>Whole files and whole folders, by the operations of <see cref="IDisk"/>.</summary>
internal static class DiskExtensions
{
    /// <summary>Writes a document and syncs it; its name is durable when the folder has been synced too.</summary>
    public static void WriteDocument(this IDisk disk, string path, Action<Utf8JsonWriter> write)
    {
        disk.DeleteFile(path);
        using var file = disk.Create(path);
        using var document = new DocumentWriter(file);
        write(document.Json);
        document.Seal();
    }

    /// <summary>Reads a document. A disk that refuses is a fault here, so that one file does not keep the others from
    /// being read.</summary>
    public static bool TryReadDocument<T>(
        this IDisk disk,
        string path,
        DocumentDecoder<T> decode,
        [NotNullWhen(true)] out T? value,
        [NotNullWhen(false)] out DocumentFault? fault
    )
        where T : class
    {
        value = null;
        try
        {
            var bytes = disk.TryReadAll(path, DocumentWriter.DocumentBytesMax);
            if (bytes is not null)
            {
                return decode(bytes, out value, out fault);
            }

            fault = new(DocumentTrouble.Missing, "is missing");
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            fault = new(DocumentTrouble.Unreadable, $"cannot be read: {StorageRefusal.Explain(error).Fact}");
        }

        return false;
    }

    /// <summary>The last bytes of a file, all of them unless there are more than the bound; null when it is not
    /// there.</summary>
    public static byte[]? TryReadAll(this IDisk disk, string path, int bytesMax)
    {
        using var file = disk.Open(path);
        if (file is null)
        {
            return null;
        }

        var length = file.Length;
        var bytes = new byte[Math.Min(length, bytesMax)];
        var filled = file.Read(bytes, length - bytes.Length);
        return filled == bytes.Length ? bytes : bytes[..filled];
    }

    /// <summary>Removes a file, or a folder with the files in it, if it is there. No folder that is removed holds
    /// another.</summary>
    public static void Remove(this IDisk disk, string parent, string name)
    {
        var path = $"{parent}/{name}";
        var entry = disk.List(parent)
            .FirstOrDefault(entry => string.Equals(entry.Name, name, StringComparison.Ordinal));
        if (!entry.IsFolder)
        {
            disk.DeleteFile(path);
            return;
        }

        foreach (var file in disk.List(path))
        {
            disk.DeleteFile($"{path}/{file.Name}");
        }

        disk.DeleteFolder(path);
    }
}
