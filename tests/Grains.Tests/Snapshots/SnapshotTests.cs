using Reclaim.Grains.Checkpoints;
using Reclaim.Grains.Snapshots;
using Reclaim.Model.Steps;

namespace Reclaim.Grains.Tests.Snapshots;

/// <summary>A snapshot holds the state of a simulation, all of it, and nothing that is not one is taken for it.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void What_refers_to_the_same_thing_refers_to_the_same_thing_again()
    {
        object[] shared = ["a", null!];
        object[] state = ["b", shared, new List<object> { shared, "c" }];
        shared[1] = state;

        var again = Snapshot.Restore<object[]>(Snapshot.Take(state));

        var one = Assert.IsType<object[]>(again[1]);
        Assert.Same(again, one[1]);
        Assert.Same(one, Assert.IsType<List<object>>(again[2])[0]);
        Assert.Equal(["b", "a", "c"], new[] { again[0], one[0], ((List<object>)again[2])[1] });
    }

    [Fact]
    public void Collections_and_what_they_are_compared_by_come_back()
    {
        var words = new Dictionary<string, int>(StringComparer.Ordinal);
        var queue = new PriorityQueue<long, (long DoneNs, long Number)>();
        var line = new LinkedList<int>();
        var grid = new long[2, 3];
        foreach (var word in (string[])["one", "two", "three"])
        {
            words.Add(word, word.Length);
            queue.Enqueue(word.Length, (-word.Length, words.Count));
            line.AddLast(word.Length);
        }

        grid[1, 2] = 7;
        var again = Snapshot.Restore<object[]>(Snapshot.Take(new object[] { words, queue, line, grid, 5, (1, 2L) }));

        Assert.Equal(words, Assert.IsType<Dictionary<string, int>>(again[0]));
        Assert.Equal(5, ((Dictionary<string, int>)again[0])["three"]);
        Assert.Equal(5, Assert.IsType<PriorityQueue<long, (long, long)>>(again[1]).Dequeue());
        Assert.Equal([3, 3, 5], Assert.IsType<LinkedList<int>>(again[2]));
        Assert.Equal(grid, Assert.IsType<long[,]>(again[3]));
        Assert.Equal((5, (1, 2L)), (Assert.IsType<int>(again[4]), Assert.IsType<(int, long)>(again[5])));
    }

    [Fact]
    public void Neither_a_foreign_object_nor_a_thread_nor_a_stream_gets_into_one()
    {
        Assert.Contains("System.Threading.Thread", Assert.Throws<SnapshotException>(() => Snapshot.Take(new object[] { Thread.CurrentThread })).Message, StringComparison.Ordinal);
        Assert.Throws<SnapshotException>(() => Snapshot.Take(new object[] { new MemoryStream() }));
        Assert.Throws<SnapshotException>(() => Snapshot.Take(new List<object> { new Uri("http://localhost") }));
        Assert.Throws<SnapshotException>(() => SnapshotTypes.Find(typeof(System.Diagnostics.Process).AssemblyQualifiedName!));
        Assert.Throws<SnapshotException>(() => SnapshotTypes.Find(typeof(List<Uri>).AssemblyQualifiedName!));
    }

    [Fact]
    public void One_changed_byte_anywhere_is_noticed()
    {
        var snapshot = Snapshot.Take(new NodeState(new NodeReservations(new NodeMemory(1000))));
        Assert.Equal(1000, Snapshot.Restore<NodeState>(snapshot).Reservations.Memory.Size);

        for (var at = 0; at < snapshot.Length; at += 5)
        {
            var damaged = snapshot.ToArray();
            damaged[at] ^= 0x20;
            Assert.Throws<SnapshotException>(() => Snapshot.Restore<NodeState>(damaged));
        }

        for (var length = 0; length < snapshot.Length; length += 11)
        {
            Assert.Throws<SnapshotException>(() => Snapshot.Restore<NodeState>(snapshot.AsMemory(0, length)));
        }
    }

    [Fact]
    public void One_of_something_else_is_not_taken_for_it() =>
        Assert.Throws<SnapshotException>(() => Snapshot.Restore<HostCheckpoint>(Snapshot.Take(new NodeState(new NodeReservations(new NodeMemory(1000))))));
}
