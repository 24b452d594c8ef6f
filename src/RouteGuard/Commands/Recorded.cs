using RouteGuard.Platform.Recording;

namespace RouteGuard.Commands;

/// <summary>A file of <c>routeguard report --record</c>, as a command reads it.</summary>
internal static class Recorded
{
    /// <exception cref="CommandException">It cannot be read, or is no record.</exception>
    public static RecordFile Read(string path)
    {
        byte[] bytes;
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > RecordFile.FileBytesMax)
            {
                throw Refuse(path, "it is too long");
            }

            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                refused is UnauthorizedAccessException ? ExitCode.NotPermitted : ExitCode.Failed,
                $"Cannot read {path}: {refused.Message.TrimEnd('.')}. Name a file of routeguard report --record."
            );
        }

        return RecordFile.TryRead(bytes, out var record, out var problem) ? record : throw Refuse(path, problem);
    }

    private static CommandException Refuse(string path, string problem) =>
        new(
            ExitCode.Failed,
            $"Cannot use {path}: {problem.TrimEnd('.')}. Name a file of routeguard report --record of this version."
        );
}
