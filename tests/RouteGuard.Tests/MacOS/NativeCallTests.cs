using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using RouteGuard.Platform.Native;

namespace RouteGuard.Tests.MacOS;

/// <summary>What the compiler made of every declaration of a native function.</summary>
/// <remarks>
/// Apple's arm64 convention passes variable arguments on the stack and fixed ones in registers, so a declaration that
/// has a parameter in the place of a variable argument compiles, runs, and hands over whatever lay on the stack.
/// </remarks>
public sealed class NativeCallTests
{
    private const BindingFlags Any =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Functions with variable arguments, and how many fixed ones come first.</summary>
    private static readonly Dictionary<string, int> FixedArguments = new(StringComparer.Ordinal)
    {
        ["open"] = 2,
        ["openat"] = 3,
        ["fcntl"] = 2,
        ["ioctl"] = 2,
        ["syscall"] = 1,
        ["sem_open"] = 2,
        ["shm_open"] = 2,
        ["semctl"] = 3,
        ["syslog"] = 2,
        ["printf"] = 1,
        ["fprintf"] = 2,
        ["dprintf"] = 2,
        ["snprintf"] = 3,
        ["execl"] = 2,
        ["execlp"] = 2,
        ["execle"] = 2,
    };

    private static readonly Call[] Calls =
    [
        .. typeof(Libc)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(Any | BindingFlags.DeclaredOnly))
            .Where(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
            .Select(method => new Call(
                method.GetCustomAttribute<DllImportAttribute>()!,
                [.. method.GetParameters().Select(parameter => parameter.ParameterType)],
                IsForLinuxAlone(method.DeclaringType)
            )),
    ];

    [Fact]
    public void No_function_that_a_Mac_reaches_is_given_variable_arguments()
    {
        // The two that are called with their fixed arguments alone prove that calls are found at all.
        Assert.Contains(Calls, call => call is { Name: "ioctl", IsForLinuxAlone: false });
        Assert.Contains(Calls, call => call is { Name: "open", IsForLinuxAlone: false });
        Assert.Equal([], Calls.Where(GivesVariableArguments).Select(call => call.ToString()));
    }

    [Theory]
    [InlineData("fcntl", 3, true)]
    [InlineData("fcntl", 2, false)]
    [InlineData("ioctl", 3, true)]
    [InlineData("open", 3, true)]
    [InlineData("write", 3, false)]
    public void Variable_arguments_are_seen(string name, int parameters, bool expected) =>
        Assert.Equal(
            expected,
            GivesVariableArguments(
                new(new("libc") { EntryPoint = name }, [.. Enumerable.Repeat(typeof(int), parameters)], false)
            )
        );

    [Fact]
    public void Libraries_are_named_by_their_full_path_or_are_libc()
    {
        string[] known =
        [
            "libc",
            "/usr/lib/libSystem.B.dylib",
            "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation",
            "/System/Library/Frameworks/SystemConfiguration.framework/SystemConfiguration",
        ];
        Assert.Empty(Calls.Select(call => call.Import.Value).Except(known, StringComparer.Ordinal));
        Assert.True(Calls.Length > 60, $"only {Calls.Length} native functions were found");
    }

    /// <summary>A declaration gets no more of an argument than the register holds: no bool, no char, no string
    /// survives to it.</summary>
    [Fact]
    public void Every_parameter_has_the_width_of_its_C_type()
    {
        Type[] known =
        [
            typeof(int),
            typeof(uint),
            typeof(short),
            typeof(nint),
            typeof(nuint),
            typeof(long),
            typeof(ulong),
            typeof(byte),
        ];
        Assert.Equal(
            [],
            Calls
                .Where(call => call.Parameters.Any(parameter => !parameter.IsPointer && !known.Contains(parameter)))
                .Select(call => call.ToString())
        );
    }

    private static bool GivesVariableArguments(Call call) =>
        !call.IsForLinuxAlone && FixedArguments.TryGetValue(call.Name, out var count) && call.Parameters.Count > count;

    private static bool IsForLinuxAlone(Type? type) =>
        type is not null
        && (
            type.GetCustomAttributes<SupportedOSPlatformAttribute>().Any(platform => platform.PlatformName == "linux")
            || IsForLinuxAlone(type.DeclaringType)
        );

    private sealed record Call(DllImportAttribute Import, IReadOnlyList<Type> Parameters, bool IsForLinuxAlone)
    {
        public string Name => Import.EntryPoint ?? string.Empty;

        public override string ToString() => $"{Name}({string.Join(", ", Parameters.Select(type => type.Name))})";
    }
}
