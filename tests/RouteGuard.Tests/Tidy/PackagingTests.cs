using System.Diagnostics;
using System.Runtime.Versioning;
using System.Xml;
using System.Xml.Linq;

namespace RouteGuard.Tests.Tidy;

/// <summary>The plist, the unit and the scripts that put RouteGuard on a machine, run into a folder.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
public sealed class PackagingTests : IDisposable
{
    private const UnixFileMode Executable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;

    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string MacHome = "Library/Application Support/RouteGuard";

    private static readonly TimeSpan ScriptMax = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("routeguard packaging ").FullName;

    private string Below => Path.Combine(_folder, "root dir");

    private string Program => Path.Combine(_folder, "routeguard");

    public PackagingTests() => File.WriteAllText(Program, "the program\n");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_launchd_job_keeps_the_daemon_running()
    {
        var job = ReadPlist(House.Files.Single(file => file.Path == "launchd/com.routeguard.routeguard.plist").Text);
        Assert.Equal("com.routeguard.routeguard", job["Label"].Value);
        Assert.Equal(
            [$"/{MacHome}/bin/routeguard", "daemon"],
            job["ProgramArguments"].Elements("string").Select(argument => argument.Value)
        );
        Assert.Equal("true", job["RunAtLoad"].Name.LocalName);
        Assert.Equal("true", job["KeepAlive"].Name.LocalName);
        Assert.Equal("Interactive", job["ProcessType"].Value);
        Assert.Equal("18", job["Umask"].Value);
        Assert.InRange(int.Parse(job["ThrottleInterval"].Value, null), 1, 10);
        Assert.StartsWith("/Library/Logs/RouteGuard/", job["StandardErrorPath"].Value, StringComparison.Ordinal);
        Assert.DoesNotContain("UserName", job.Keys);
    }

    [Fact]
    public void The_systemd_unit_keeps_the_daemon_running()
    {
        var unit = House.Files.Single(file => file.Path == "packaging/linux/routeguard.service").Lines;
        string[] wanted =
        [
            "StartLimitIntervalSec=0",
            "Type=notify",
            "ExecStart=/usr/local/bin/routeguard daemon",
            "ExecReload=/bin/kill -HUP $MAINPID",
            "Restart=always",
            "StateDirectory=routeguard",
            "StateDirectoryMode=0700",
            "RuntimeDirectory=routeguard",
            "RuntimeDirectoryMode=0755",
            "RuntimeDirectoryPreserve=restart",
            "NoNewPrivileges=yes",
            "WantedBy=multi-user.target",
        ];
        Assert.Empty(wanted.Except(unit, StringComparer.Ordinal));
        var capabilities = Assert.Single(
            unit,
            line => line.StartsWith("CapabilityBoundingSet=", StringComparison.Ordinal)
        );
        Assert.Contains("CAP_NET_ADMIN", capabilities, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_shell_script_is_one_that_bash_can_read()
    {
        var scripts = House
            .Files.Where(file => file.Text.StartsWith("#!/usr/bin/env bash", StringComparison.Ordinal))
            .ToArray();
        Assert.Contains(scripts, script => script.Path == "tests/run");
        Assert.Contains(scripts, script => script.Path == "packaging/linux/install.sh");
        foreach (var script in scripts)
        {
            Assert.Equal((0, string.Empty), Bash("-n", Path.Combine(House.Root, script.Path)));
            Assert.True(
                File.GetUnixFileMode(Path.Combine(House.Root, script.Path)).HasFlag(UnixFileMode.UserExecute),
                script.Path
            );
        }
    }

    [Fact]
    public void A_script_that_bash_cannot_read_would_be_seen()
    {
        File.WriteAllText(Program, "#!/usr/bin/env bash\nif true; then\n");
        Assert.NotEqual(0, Bash("-n", Program).Code);
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public void Installing_twice_is_like_installing_once(string platform)
    {
        Run(platform, "install.sh", "--destdir", Below, Program);
        var first = Listing();
        File.WriteAllText(Program, "the next program\n");
        Run(platform, "install.sh", "--destdir", Below, Program);
        Assert.Equal(first, Listing());
        var installed = Directory.GetFiles(Below, "routeguard", SearchOption.AllDirectories).Where(IsPlain);
        Assert.Equal("the next program\n", File.ReadAllText(Assert.Single(installed)));
    }

    [Fact]
    public void On_Linux_program_and_unit_are_put_in_their_places_and_removed_again()
    {
        Run("linux", "install.sh", "--destdir", Below, "--prefix", "/opt/rg", Program);
        AssertMode(Executable, "opt/rg/bin/routeguard");
        AssertMode(Readable, "etc/systemd/system/routeguard.service");
        Assert.Contains(
            "ExecStart=/opt/rg/bin/routeguard daemon",
            File.ReadAllLines(Path.Combine(Below, "etc/systemd/system/routeguard.service"))
        );
        var state = Directory.CreateDirectory(Path.Combine(Below, "var/lib/routeguard")).FullName;

        Run("linux", "uninstall.sh", "--destdir", Below, "--prefix", "/opt/rg");
        Assert.Empty(Directory.GetFiles(Below, "*", SearchOption.AllDirectories));
        Assert.True(Directory.Exists(state));
        Run("linux", "uninstall.sh", "--destdir", Below, "--prefix", "/opt/rg", "--purge");
        Assert.False(Directory.Exists(state));
    }

    [Fact]
    public void On_macOS_program_job_and_link_are_put_in_their_places_and_removed_again()
    {
        Run("macos", "install.sh", "--destdir", Below, Program);
        AssertMode(Executable, $"{MacHome}/bin/routeguard");
        AssertMode(Readable, "Library/LaunchDaemons/com.routeguard.routeguard.plist");
        AssertMode(Readable, "etc/newsyslog.d/routeguard.conf");
        AssertMode(Private, $"{MacHome}/state");
        Assert.Equal(
            $"/{MacHome}/bin/routeguard",
            new FileInfo(Path.Combine(Below, "usr/local/bin/routeguard")).LinkTarget
        );

        Run("macos", "uninstall.sh", "--destdir", Below);
        Assert.Empty(Directory.GetFiles(Below, "*", SearchOption.AllDirectories));
        Assert.True(Directory.Exists(Path.Combine(Below, MacHome, "state")));
        Run("macos", "uninstall.sh", "--destdir", Below, "--purge");
        Assert.False(Directory.Exists(Path.Combine(Below, MacHome)));
    }

    [Fact]
    public void On_macOS_the_job_names_the_program_where_it_was_put()
    {
        Run("macos", "install.sh", "--destdir", Below, "--prefix", "/opt/route guard", Program);
        var job = ReadPlist(
            File.ReadAllText(Path.Combine(Below, "Library/LaunchDaemons/com.routeguard.routeguard.plist"))
        );
        var program = job["ProgramArguments"].Elements("string").First().Value;
        Assert.Equal("/opt/route guard/bin/routeguard", program);
        Assert.True(File.Exists(Below + program));
    }

    [Theory]
    [InlineData("linux", "usr/local")]
    [InlineData("macos", "usr/local")]
    [InlineData("linux", "opt/rg")]
    public void The_manual_comes_from_the_program_and_goes_with_it(string platform, string prefix)
    {
        File.WriteAllText(Program, "#!/bin/sh\necho \"the manual: $*\"\n");
        string[] chosen = prefix == "opt/rg" ? ["--prefix", "/opt/rg"] : [];
        Run(platform, "install.sh", ["--destdir", Below, .. chosen, Program]);
        (string Path, string Words)[] manual =
        [
            ("share/man/man8/routeguard.8", "man"),
            ("share/bash-completion/completions/routeguard", "completion bash"),
            ("share/zsh/site-functions/_routeguard", "completion zsh"),
            ("share/fish/vendor_completions.d/routeguard.fish", "completion fish"),
        ];
        foreach (var (path, words) in manual)
        {
            AssertMode(Readable, $"{prefix}/{path}");
            Assert.Equal($"the manual: {words}\n", File.ReadAllText(Path.Combine(Below, prefix, path)));
        }

        Run(platform, "uninstall.sh", ["--destdir", Below, .. chosen]);
        Assert.Empty(Directory.GetFiles(Below, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public void A_program_that_does_not_run_here_is_installed_without_a_manual(string platform)
    {
        var (code, output) = Bash(ScriptPath(platform, "install.sh"), "--destdir", Below, Program);
        Assert.Equal(0, code);
        Assert.Contains("The man page and the completions are left out", output, StringComparison.Ordinal);
        var files = Directory.GetFiles(Below, "*", SearchOption.AllDirectories);
        Assert.DoesNotContain(files, path => path.Contains("/share/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("linux", "install.sh")]
    [InlineData("linux", "uninstall.sh")]
    [InlineData("macos", "install.sh")]
    [InlineData("macos", "uninstall.sh")]
    public void A_wrong_option_is_refused_with_the_reason(string platform, string script)
    {
        var (code, output) = Bash(ScriptPath(platform, script), "--nonsense");
        Assert.Equal(2, code);
        Assert.Matches("^Cannot (un)?install: --nonsense is no option. See --help.\n$", output);
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public void Without_a_program_nothing_is_installed(string platform)
    {
        var (code, output) = Bash(
            ScriptPath(platform, "install.sh"),
            "--destdir",
            Below,
            Path.Combine(_folder, "absent")
        );
        Assert.Equal(1, code);
        Assert.StartsWith("Cannot install: there is no program at ", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Below));
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public void No_script_touches_a_route(string platform) =>
        Assert.DoesNotMatch(
            @"\bip (route|rule|link|addr)|\broute (add|delete|flush)|networksetup|scutil",
            string.Concat(House.Files.Where(file => file.IsIn($"packaging/{platform}")).Select(file => file.Text))
        );

    private static Dictionary<string, XElement> ReadPlist(string text)
    {
        // The declared DTD is Apple's and far away; it is neither needed nor fetched.
        using var reader = XmlReader.Create(
            new StringReader(text),
            new() { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null }
        );
        var entries = XDocument.Load(reader).Element("plist")!.Element("dict")!.Elements().ToArray();
        Assert.All(entries.Where((_, at) => at % 2 == 0), key => Assert.Equal("key", key.Name.LocalName));
        return entries.Chunk(2).ToDictionary(pair => pair[0].Value, pair => pair[1], StringComparer.Ordinal);
    }

    private static string ScriptPath(string platform, string script) =>
        Path.Combine(House.Root, "packaging", platform, script);

    private static void Run(string platform, string script, params string[] arguments)
    {
        var (code, output) = Bash([ScriptPath(platform, script), .. arguments]);
        Assert.True(code == 0, output);
    }

    private static (int Code, string Output) Bash(params string[] arguments)
    {
        using var bash = Process.Start(
            new ProcessStartInfo("bash", arguments)
            {
                UseShellExecute = false,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        var error = bash.StandardError.ReadToEndAsync();
        var output = bash.StandardOutput.ReadToEndAsync();
        if (!bash.WaitForExit(ScriptMax))
        {
            bash.Kill(entireProcessTree: true);
            Assert.Fail($"bash {string.Join(' ', arguments)} did not end within {ScriptMax}");
        }

        return (bash.ExitCode, output.Result + error.Result);
    }

    private void AssertMode(UnixFileMode mode, string path) =>
        Assert.Equal(mode, File.GetUnixFileMode(Path.Combine(Below, path)));

    private string[] Listing() =>
        [
            .. Directory
                .GetFileSystemEntries(Below, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path => $"{(IsPlain(path) ? File.GetUnixFileMode(path) : UnixFileMode.None)} {path}"),
        ];

    private static bool IsPlain(string path) => new FileInfo(path).LinkTarget is null;
}
