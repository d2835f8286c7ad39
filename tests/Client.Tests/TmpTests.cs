using Xunit;
namespace Reclaim.Client.Tests;
public sealed class TmpTests
{
    [Fact]
    public async Task Tmp()
    {
        var err = new StringWriter();
        var board = new Reclaim.Client.Runs.ProgressBoard(new Terminal(TextWriter.Null, err) { ErrorIsInteractive = true }, false);
        var host = new CannedEngine();
        var sc = Scenarios.Read(Scenarios.Small);
        var run = await host.CreateAsync(sc.Spec, TestContext.Current.CancellationToken);
        await board.WhileAsync(async () => { board.Begin(sc, run, []); await Task.Delay(1500); board.End(run); return 1; });
        await File.WriteAllTextAsync("/tmp/prog.txt", err.ToString(), TestContext.Current.CancellationToken);
        var con = new StringWriter();
        Reclaim.Client.Reports.ComparisonTable.Write(new Terminal(con, con) { OutIsInteractive = true }.OutConsole(), "x", ["a","b"], [CannedResults.Of(sc.Spec), CannedResults.Of(sc.Spec)]);
        await File.WriteAllTextAsync("/tmp/cmp.txt", con.ToString(), TestContext.Current.CancellationToken);
    }
}
