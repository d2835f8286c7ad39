using System.Globalization;
using Reclaim.Silo.Storage;
using Reclaim.StoreWriter;

// A process that uses a store of files, for tests that kill it or let its disk run full:
//   overwrite FOLDER RUN   writes one item again and again and prints the number of each version that was acknowledged
//   fill FOLDER RUN        writes items until the disk is full, prints what that looked like, and how many whole items are left
using var store = FileRunStore.Open(args[1]);
var run = args[2];
switch (args[0])
{
    case "overwrite":
        for (var version = 0; ; version++)
        {
            await store.WriteAsync(run, "state", Versions.Content(version));
            Console.WriteLine(version.ToString(CultureInfo.InvariantCulture));
        }

    case "fill":
        var items = 0;
        try
        {
            for (; ; items++)
            {
                await store.WriteAsync(run, Name(items), Versions.Content(items));
            }
        }
        catch (IOException e)
        {
            Console.WriteLine(e.Message);
        }

        var whole = 0;
        for (var item = 0; item < items; item++)
        {
            whole += Versions.Of((await store.ReadAsync(run, Name(item)))!.Value) == item ? 1 : 0;
        }

        Console.WriteLine($"{whole} of {(await store.ItemsAsync(run)).Count}");
        return 0;

    default:
        return 2;
}

static string Name(int item) => string.Create(CultureInfo.InvariantCulture, $"item-{item}");
