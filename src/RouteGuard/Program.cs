using RouteGuard.Commands;

return await new CommandLine(ThisMachine.Surroundings(Console.Out, Console.Error)).RunAsync(args);
