using System.Collections.Immutable;
using Reclaim.Model.Steps;

namespace Reclaim.Grains.Tests;

public class NodeMemoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Pages_are_never_lost_or_invented(int seed)
    {
        var random = new Random(seed);
        var node = new NodeReservations(new NodeMemory(10_000));
        var held = new long[5];
        for (var step = 0; step < 1_000; step++)
        {
            var granted = node.Reserve([.. held.Select(_ => random.NextInt64(0, 4_000))]);
            Assert.Equal(node.Memory.Size, node.Memory.Free + node.Memory.Reserved + node.Memory.Charged);
            var taken = granted.Select((pages, i) => random.NextInt64(-held[i], pages + 1)).ToImmutableArray();
            node.Settle(taken);
            for (var i = 0; i < held.Length; i++)
            {
                held[i] += taken[i];
            }

            Assert.Equal(0, node.Memory.Reserved);
            Assert.Equal(held.Sum(), node.Memory.Charged);
            Assert.Equal(node.Memory.Size, node.Memory.Free + node.Memory.Charged);
        }
    }

    [Fact]
    public void Short_pages_go_to_the_first_in_order()
    {
        var node = new NodeReservations(new NodeMemory(100));

        Assert.Equal([60, 40, 0], node.Reserve([60, 60, 60]));
    }

    [Fact]
    public void A_step_cannot_take_more_than_it_was_granted()
    {
        var node = new NodeMemory(100);
        node.Reserve(10);

        Assert.Throws<ArgumentOutOfRangeException>(() => node.Settle(10, 11));
    }

    [Fact]
    public void A_step_cannot_give_back_what_nobody_holds()
    {
        var node = new NodeMemory(100);
        node.Reserve(10);
        node.Settle(10, 10);

        Assert.Throws<ArgumentOutOfRangeException>(() => node.Settle(0, -11));
    }

    [Fact]
    public void Reservations_of_a_step_are_settled_before_the_next()
    {
        var node = new NodeReservations(new NodeMemory(100));
        node.Reserve([10]);

        Assert.Throws<InvalidOperationException>(() => node.Reserve([10]));
    }
}
