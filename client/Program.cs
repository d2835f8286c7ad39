using System.Runtime.InteropServices;
using Reclaim.Client;

using var stop = new CancellationTokenSource();

// The first signal ends the run with what is known so far; a second one ends the process at once.
void OnSignal(PosixSignalContext context)
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
return await Cli.InvokeAsync(args, Terminal.FromConsole(), Engine.Real, stop.Token);
