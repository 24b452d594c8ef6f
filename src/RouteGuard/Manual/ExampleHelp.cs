using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RouteGuard.Manual;

/// <summary>Help that ends with examples.</summary>
internal sealed class ExampleHelp(SynchronousCommandLineAction inner) : SynchronousCommandLineAction
{
    public static void AddTo(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            if (help.Action is SynchronousCommandLineAction inner)
            {
                help.Action = new ExampleHelp(inner);
            }
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        var examples = Examples.Of(string.Join(' ', UsageError.PathOf(parseResult.CommandResult)));
        if (examples.Count > 0)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        return code;
    }
}
