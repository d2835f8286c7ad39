using CsCheck;
using Reclaim.Model.Reference;
using Xunit;

namespace Reclaim.Model.Tests.Reference;

/// <summary>Policies against the few obvious lines that define them, too slow for anything but a test.</summary>
public class NaiveModelTests
{
    private const int Pages = 40;

    private static readonly Gen<(int, uint[])> CapacitiesAndTraces =
        Gen.Select(Gen.Int[1, 45], Gen.UInt[0, Pages - 1].Array[0, 400]);

    [Fact]
    public void Fifo_is_a_queue() => CapacitiesAndTraces.Sample((capacity, trace) =>
    {
        var queue = new Queue<uint>();
        var hits = trace.Select(page =>
        {
            if (queue.Contains(page))
                return true;
            if (queue.Count == capacity)
                queue.Dequeue();
            queue.Enqueue(page);
            return false;
        });

        Assert.Equal(hits.ToArray(), Hits("fifo", capacity, trace));
    });

    [Fact]
    public void Lru_is_a_list_in_which_a_hit_moves_to_the_front() => CapacitiesAndTraces.Sample((capacity, trace) =>
    {
        var list = new List<uint>();
        var hits = trace.Select(page =>
        {
            var hit = list.Remove(page);
            if (list.Count == capacity)
                list.RemoveAt(list.Count - 1);
            list.Insert(0, page);
            return hit;
        });

        Assert.Equal(hits.ToArray(), Hits("lru", capacity, trace));
    });

    [Fact]
    public void Clock_is_a_queue_that_pages_hit_since_go_round_again() => CapacitiesAndTraces.Sample((capacity, trace) =>
    {
        var queue = new Queue<uint>();
        var referenced = new HashSet<uint>();
        var hits = trace.Select(page =>
        {
            if (queue.Contains(page))
                return referenced.Add(page) || true;
            if (queue.Count == capacity)
            {
                while (referenced.Remove(queue.Peek()))
                    queue.Enqueue(queue.Dequeue());
                queue.Dequeue();
            }

            queue.Enqueue(page);
            return false;
        });

        Assert.Equal(hits.ToArray(), Hits("clock", capacity, trace));
    });

    [Fact]
    public void Sieve_is_a_list_with_a_hand_that_spares_visited_pages_where_they_are() => CapacitiesAndTraces.Sample((capacity, trace) =>
    {
        var fromOldest = new List<uint>();
        var visited = new HashSet<uint>();
        var hand = 0;
        var hits = trace.Select(page =>
        {
            if (fromOldest.Contains(page))
                return visited.Add(page) || true;
            if (fromOldest.Count == capacity)
            {
                while (visited.Remove(fromOldest[hand]))
                    hand = (hand + 1) % capacity;
                fromOldest.RemoveAt(hand);
                hand = hand == fromOldest.Count ? 0 : hand;
            }

            fromOldest.Add(page);
            return false;
        });

        Assert.Equal(hits.ToArray(), Hits("sieve", capacity, trace));
    });

    [Fact]
    public void Opt_evicts_the_page_whose_next_request_is_farthest() => CapacitiesAndTraces.Sample((capacity, trace) =>
    {
        var resident = new HashSet<uint>();
        var misses = 0;
        for (var now = 0; now < trace.Length; now++)
        {
            if (resident.Contains(trace[now]))
                continue;
            misses++;
            if (resident.Count == capacity)
                resident.Remove(resident.MaxBy(page => NextRequest(trace, page, now)));
            resident.Add(trace[now]);
        }

        Assert.Equal(misses, Hits("opt", capacity, trace).Count(hit => !hit));
    });

    private static int NextRequest(uint[] trace, uint page, int now)
    {
        var next = Array.IndexOf(trace, page, now);
        return next < 0 ? int.MaxValue : next;
    }

    private static bool[] Hits(string name, int capacity, uint[] trace)
    {
        var hits = new bool[trace.Length];
        ReferencePolicies.Create(name, Pages, capacity, trace).Replay(trace, hits);
        return hits;
    }
}
