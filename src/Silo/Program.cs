return await NangoOrleans.CommandLine.OperatorCommand.RunAsync(args);
