using System.Text;

namespace RouteGuard.Tests.Publish;

/// <summary>A file that is packed into a single-file program.</summary>
/// <param name="Path">Its name in the bundle.</param>
/// <param name="Kind">1 assembly, 2 native library, 3 and 4 settings, 5 symbols.</param>
/// <param name="At">Where it begins in the program.</param>
/// <param name="LengthBytes">As it stands there.</param>
internal sealed record BundledFile(string Path, byte Kind, long At, long LengthBytes)
{
    public const byte Assembly = 1;
    public const byte NativeLibrary = 2;
}

/// <summary>The list of contents of a .NET single-file program, format 6.</summary>
internal static class ProgramBundle
{
    private const uint Format = 6;
    private const int FilesMax = 10_000;

    /// <summary>Two offsets and two lengths of settings, and flags.</summary>
    private const int SettingsBytes = 40;

    /// <summary>Where the list is stands in the eight bytes before these, which are the SHA-256 of ".net core
    /// bundle".</summary>
    private static readonly byte[] Mark = Convert.FromHexString(
        "8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae"
    );

    /// <exception cref="InvalidDataException">No such program, or a format that is not known here.</exception>
    public static IReadOnlyList<BundledFile> Read(byte[] program)
    {
        var mark = program.AsSpan().IndexOf(Mark);
        if (mark < sizeof(long))
        {
            throw new InvalidDataException("no single-file program");
        }

        using var reader = new BinaryReader(new MemoryStream(program), Encoding.UTF8);
        reader.BaseStream.Position = BitConverter.ToInt64(program, mark - sizeof(long));
        if (reader.ReadUInt32() is not Format and var format)
        {
            throw new InvalidDataException($"bundle format {format} is not {Format}");
        }

        reader.ReadUInt32();
        var count = Math.Min(reader.ReadInt32(), FilesMax);
        reader.ReadString();
        reader.BaseStream.Position += SettingsBytes;
        var files = new List<BundledFile>(count);
        for (var file = 0; file < count; file++)
        {
            var at = reader.ReadInt64();
            var lengthBytes = reader.ReadInt64();
            var packedBytes = reader.ReadInt64();
            var kind = reader.ReadByte();
            files.Add(new(reader.ReadString(), kind, at, packedBytes == 0 ? lengthBytes : packedBytes));
        }

        return files;
    }
}
