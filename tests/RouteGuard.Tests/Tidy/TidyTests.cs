namespace RouteGuard.Tests.Tidy;

/// <summary>The house is as its style guide says; and each rule sees a breach when there is one.</summary>
public sealed class TidyTests
{
    private const int ReadmeLinesMax = 60;

    private const string TableRow =
        "    + \"10.8.0.0/16 via 192.0.2.1 dev phys0 proto static metric 100|"
        + "10.8.0.0/16 via 192.0.2.1 dev phys0 proto static metric 200\",";

    private static readonly string LongFunction =
        $"class A\n{{\n    [Fact]\n    public void B()\n    {{\n{Repeated("        C(\"}\");\n", 58)}    }}\n}}\n";

    public static TheoryData<string> RuleNames => [.. Rules.All.Keys];

    public static TheoryData<string, string, string> Breaches =>
        new()
        {
            { "a file has at most 400 lines", "src/A/B.cs", new string('\n', 400) + "." },
            { "a line has at most 120 columns", "tests/A/B.cs", "// " + new string('x', 118) },
            { "a line has at most 120 columns", "src/A/B.cs", $"var a = \"{new string('x', 118)}\";" },
            { "a function has at most 60 lines", "src/A/B.cs", LongFunction },
            {
                "native calls live in Platform/Native",
                "src/RouteGuard.Platform/Linux/B.cs",
                "[LibraryImport(\"libc\")]"
            },
            { "native calls live in Platform/Native", "src/RouteGuard.Core/B.cs", "[DllImport(\"libc\")]" },
            {
                "unsafe code lives in Platform",
                "src/RouteGuard.Core/RouteGuard.Core.csproj",
                "<AllowUnsafeBlocks>true"
            },
            { "Core is pure", "src/RouteGuard.Core/B.cs", "using System.IO;" },
            { "Core is pure", "src/RouteGuard.Core/B.cs", "using System.Net.Sockets;" },
            { "Core is pure", "src/RouteGuard.Core/B.cs", "var now = DateTime.UtcNow;" },
            { "Core is pure", "src/RouteGuard.Core/B.cs", "var now = DateTimeOffset.Now;" },
            { "Core is pure", "src/RouteGuard.Core/B.cs", "Thread.Sleep(1);" },
            { "Core is pure", "src/RouteGuard.Core/B.cs", "var a = Environment.MachineName;" },
            { "Core is pure", "src/RouteGuard.Core/B.cs", "var a = Stopwatch.StartNew();" },
            { "Core is pure", "src/RouteGuard.Core/B.cs", "var a = File.ReadAllText(path);" },
            { "nothing is left to be done", "src/A/B.cs", "// TO" + "DO: later" },
            { "nothing is left to be done", "tests/A/B.cs", "throw new NotImpl" + "ementedException();" },
            { "everything is caught at one boundary only", "src/A/B.cs", "catch (Exception fault)" },
            { "everything is caught at one boundary only", "src/A/B.cs", "        catch\n        {" },
            { "no path of a machine and no registry", "README.md", "cd /wo" + "rk/main" },
            { "no path of a machine and no registry", "packaging/a.sh", "ls /ro" + "ot/x" },
            { "no path of a machine and no registry", "NuGet.config", "<configuration />" },
            { "names say what a thing is", "src/A/B.cs", "internal sealed class RouteManager" },
            { "names say what a thing is", "src/A/B.cs", "public static class PathUtils" },
        };

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void The_house_keeps_the_rule(string rule)
    {
        var faults = House.Files.SelectMany(Rules.All[rule]).ToArray();
        Assert.True(faults.Length == 0, $"{rule}, but not so in {faults.Length} places:\n{string.Join('\n', faults)}");
    }

    [Theory]
    [MemberData(nameof(Breaches))]
    public void A_breach_of_the_rule_is_seen(string rule, string path, string text) =>
        Assert.Single(Rules.All[rule](new(path, text)));

    [Theory]
    [InlineData("src/RouteGuard.Platform/Native/B.cs", "[LibraryImport(\"libc\")]")]
    [InlineData("tests/RouteGuard.KernelTests/B.cs", "[LibraryImport(\"libc\")]")]
    [InlineData("src/RouteGuard.Core/B.cs", "/// <summary>Not System.IO, not Environment.Exit.</summary>")]
    [InlineData("src/RouteGuard.Core/B.cs", "const string A = \"System.IO\";")]
    [InlineData("src/RouteGuard.Platform/B.cs", "using System.Net.Sockets;")]
    [InlineData("src/A/B.cs", "// boundary: what nobody expected ends the program.\ncatch (Exception fault)")]
    [InlineData("tests/A/B.cs", TableRow)]
    [InlineData("src/A/B.cs", "catch (IOException fault)")]
    [InlineData("src/A/B.cs", "catch (Exception fault) when (fault is IOException or TimeoutException)")]
    [InlineData("src/A/B.cs", "catch\n{\n    child.Kill();\n    throw;\n}")]
    [InlineData("src/A/B.cs", "public sealed record NetworkManagerTruth(int Number);")]
    public void What_is_allowed_is_no_breach(string path, string text) =>
        Assert.Empty(Rules.All.Values.SelectMany(rule => rule(new(path, text))));

    [Fact]
    public void Every_rule_has_a_breach_that_shows_it() =>
        Assert.Empty(Rules.All.Keys.Except(Breaches.Select(breach => breach.Data.Item1), StringComparer.Ordinal));

    [Fact]
    public void The_tests_see_the_whole_house()
    {
        var code = House.Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal)).ToArray();
        Assert.Contains(code, file => file.Path == "src/RouteGuard/Program.cs");
        Assert.Contains(code, file => file.Path == "tests/RouteGuard.Tests/Tidy/TidyTests.cs");
        Assert.True(code.Length > 50, $"only {code.Length} C# files were found below {House.Root}");
        foreach (var part in new[] { "src/RouteGuard.Core", "tests/RouteGuard.Tests" })
        {
            var functions = code.Where(file => file.IsIn(part)).Sum(file => Functions.Of(file).Count());
            Assert.True(functions > 100, $"only {functions} functions were found in {part}");
        }
    }

    [Fact]
    public void Functions_are_counted_whatever_is_written_in_them()
    {
        var file = new SourceFile(
            "src/A/B.cs",
            """"
            namespace A;

            [Named("}{")]
            public sealed record B(int C) : IDisposable
            {
                private static readonly Func<int, int> Twice = number => number * 2;

                public int E { get; init; } = Make(1);

                public B() : this(1) { D("{"); }

                // Not a function() {
                [Theory]
                [InlineData('}')]
                public static string F(int a, string b = "}") =>
                    a switch
                    {
                        1 => $"{b switch { "x" => "{{", _ => "}" }}",
                        _ => @"""}",
                    };

                public int this[int at] => at;

                private enum G { One, Two }

                public void H<T>()
                    where T : class
                {
                    if (E > 0)
                    {
                        void Local() { }
                        Local();
                    }

                    var raw = """
                        { ;
                        """;
                }
            }
            """"
        );
        Assert.Equal(
            ["public B 10+1", "public static string F 15+6", "public void H<T> 26+13"],
            Functions.Of(file).Select(function => $"{function.Header} {function.FirstLine}+{function.Lines}")
        );
    }

    [Fact]
    public void Each_room_says_what_it_is_for()
    {
        var rooms = House
            .Files.Where(file => file.IsIn("src") && file.Path.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => file.Folder)
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        Assert.NotEmpty(rooms);
        var missing = rooms.Where(room => !House.Files.Any(file => file.Path == $"{room}/README.md"));
        Assert.True(!missing.Any(), $"no README.md in {string.Join(", ", missing)}");
        var readmes = House.Files.Where(file => file.IsIn("src") && file.Name == "README.md");
        var tooLong = readmes
            .Where(file => file.Text.TrimEnd().Count('\n') + 1 > ReadmeLinesMax)
            .Select(file => file.Path);
        Assert.True(!tooLong.Any(), $"more than {ReadmeLinesMax} lines in {string.Join(", ", tooLong)}");
    }

    private static string Repeated(string line, int count) => string.Concat(Enumerable.Repeat(line, count));
}
