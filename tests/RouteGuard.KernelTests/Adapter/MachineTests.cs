using System.Diagnostics;
using System.Runtime.Versioning;
using RouteGuard.Platform.Linux;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>Facts about processes and the machine.</summary>
[SupportedOSPlatform("linux")]
public sealed class MachineTests
{
    private readonly LinuxMachine _machine = new();

    [Fact]
    public void The_boot_id_is_the_kernels()
    {
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id"), $"{_machine.BootId}\n");
        Assert.True(Guid.TryParse(_machine.BootId, out _));
    }

    [Fact]
    public void A_process_is_its_number_and_its_start()
    {
        var self = _machine.TryIdentify(Environment.ProcessId);

        Assert.Equal(Environment.ProcessId, self!.Value.Pid);
        Assert.Equal(self, _machine.TryIdentify(Environment.ProcessId));
        Assert.Null(_machine.TryIdentify(0));
        Assert.Null(_machine.TryIdentify(-1));
        Assert.Null(_machine.TryIdentify(int.MaxValue));
    }

    [Theory]
    [InlineData("7 (sleep) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21", 4711UL)]
    [InlineData("7 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21", 4711UL)]
    [InlineData("7 (()) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711", 4711UL)]
    public void The_start_is_found_behind_any_name(string line, ulong startTime)
    {
        Assert.True(ProcessStatus.TryParseStartTime(line, out var read));
        Assert.Equal(startTime, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7 (sleep")]
    [InlineData("7 (sleep) S 1 2 3")]
    [InlineData("7 (sleep) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 -1 20")]
    public void A_line_that_is_cut_off_is_no_process(string line) =>
        Assert.False(ProcessStatus.TryParseStartTime(line, out _));

    [Fact]
    public void A_real_process_with_a_name_full_of_parentheses_is_identified()
    {
        var folder = Directory.CreateTempSubdirectory("rg-name-");
        var program = Path.Combine(folder.FullName, "x) S (1 2) ");
        File.Copy("/bin/sleep", program);
        using var sleeper = Process.Start(program, "60");
        try
        {
            var older = _machine.TryIdentify(Environment.ProcessId)!.Value;
            var identity = _machine.TryIdentify(sleeper.Id)!.Value;

            Assert.InRange(
                identity.StartTime,
                older.StartTime,
                older.StartTime + (ulong)(Environment.TickCount64 / 10)
            );
        }
        finally
        {
            sleeper.Kill();
            sleeper.WaitForExit();
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_owner_is_the_user_that_a_process_runs_as()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Needs root: the test starts a program as another user.");
        using var sleeper = Process.Start("setpriv", ["--reuid", "65534", "sleep", "60"]);
        try
        {
            Namespaces.Soon.Holds("setpriv has become sleep", () => _machine.TryOwnerOf(sleeper.Id) == 65534);
            Assert.Equal(0u, _machine.TryOwnerOf(Environment.ProcessId));
            Assert.Null(_machine.TryOwnerOf(int.MaxValue));
        }
        finally
        {
            sleeper.Kill();
            sleeper.WaitForExit();
        }
    }
}
