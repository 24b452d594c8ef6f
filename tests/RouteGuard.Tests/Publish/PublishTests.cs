using System.Reflection.PortableExecutable;

namespace RouteGuard.Tests.Publish;

/// <summary>The program for a Mac is one that a Mac would run, as far as a file can tell.</summary>
[Collection(PublishedProgramsGroup.Name)]
public sealed class PublishTests(PublishedPrograms programs)
{
    private const string Arm64 = "osx-arm64";
    private const string X64 = "osx-x64";

    /// <summary>.NET 10 itself asks for macOS 14; the file must not ask for more.</summary>
    private static readonly Version OldestSystemMax = new(14, 0);

    private static readonly Version OldestSystemMin = new(11, 0);

    [Theory]
    [InlineData(Arm64, MachO.CpuArm64, 0)]
    [InlineData(X64, MachO.CpuX64, 3)]
    public void The_program_is_for_its_processor_and_for_macOS(string runtime, uint cpu, uint variant)
    {
        var program = MachO.Read(programs.ProgramOf(runtime));
        Assert.Equal((cpu, variant, MachO.Executable), (program.Cpu, program.CpuVariant, program.Kind));
        Assert.Equal(MachO.MacOS, program.Platform);
        Assert.InRange(program.OldestSystem, OldestSystemMin, OldestSystemMax);
    }

    [Theory]
    [InlineData(Arm64)]
    [InlineData(X64)]
    public void Every_page_of_the_program_is_signed(string runtime)
    {
        var bytes = programs.ProgramOf(runtime);
        var program = MachO.Read(bytes);
        var directory = program.Directory;
        Assert.NotNull(directory);
        Assert.Equal(MachO.AdHoc, directory.Flags & MachO.AdHoc);
        Assert.Equal((MachO.Sha256, 32), (directory.HashKind, directory.HashBytes));
        Assert.Equal("routeguard", directory.Identifier);

        // From the first byte to the signature, and nothing behind the signature.
        Assert.Equal(program.Signature.At, directory.CodeLimit);
        Assert.Equal(bytes.Length, program.Signature.At + program.Signature.LengthBytes);
        Assert.Equal(bytes.Length, program.LinkEditEnd);
        Assert.Equal((directory.CodeLimit + directory.PageBytes - 1) / directory.PageBytes, directory.Pages);
        Assert.Empty(program.WrongPages());
    }

    [Theory]
    [InlineData(Arm64)]
    [InlineData(X64)]
    public void A_changed_byte_is_seen_wherever_it_is(string runtime)
    {
        var bytes = programs.ProgramOf(runtime);
        var limit = MachO.Read(bytes).Directory!.CodeLimit;
        foreach (var at in new[] { limit / 3, limit / 2, limit - 1 })
        {
            bytes[at] ^= 1;
            Assert.Single(MachO.Read(bytes).WrongPages());
            bytes[at] ^= 1;
        }
    }

    [Theory]
    [InlineData(Arm64)]
    [InlineData(X64)]
    public void What_is_packed_into_the_program_is_for_its_processor(string runtime)
    {
        var bytes = programs.ProgramOf(runtime);
        var cpu = MachO.Read(bytes).Cpu;
        var files = ProgramBundle.Read(bytes);
        Assert.Contains(files, file => file is { Path: "routeguard.dll", Kind: BundledFile.Assembly });
        Assert.Contains(files, file => file is { Path: "RouteGuard.Platform.dll", Kind: BundledFile.Assembly });
        foreach (var file in files)
        {
            var content = bytes.AsMemory((int)file.At, (int)file.LengthBytes);
            if (file.Kind == BundledFile.NativeLibrary || MachO.IsMachO(content.Span))
            {
                Assert.Equal($"{file.Path} {cpu:x}", $"{file.Path} {MachO.Read(content).Cpu:x}");
            }

            if (file.Kind == BundledFile.Assembly)
            {
                using var assembly = new PEReader(new MemoryStream(content.ToArray()));
                Assert.True(assembly.HasMetadata, file.Path);
            }
        }
    }

    /// <summary>A library beside the program would have to be signed, owned and installed with it.</summary>
    [Theory]
    [InlineData(Arm64)]
    [InlineData(X64)]
    public void The_program_stands_alone(string runtime)
    {
        var beside = Directory
            .EnumerateFiles(programs.FolderOf(runtime), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(programs.FolderOf(runtime), path))
            .Where(path => !path.EndsWith(".pdb", StringComparison.Ordinal));
        Assert.Equal(["routeguard"], beside);
    }

    [Fact]
    public void A_file_that_is_no_program_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => MachO.Read(new byte[64]));
        Assert.Throws<InvalidDataException>(() => ProgramBundle.Read(new byte[64]));
    }
}
