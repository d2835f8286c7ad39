using CsCheck;
using Reclaim.Model.Memcg;
using Xunit;

namespace Reclaim.Model.Tests.Memcg;

/// <summary>The page-cache tree against the set of indices that hold a page or a shadow.</summary>
public class PageCacheTreeTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 3)]
    [InlineData(4096, 65)]
    [InlineData(4097, 68)]
    [InlineData(49152, 768 + 12 + 1)]
    public void A_file_read_from_end_to_end_has_a_leaf_for_64_pages_and_nodes_above(int pages, int nodes)
    {
        var tree = new PageCacheTree([pages]);
        var added = Enumerable.Range(0, pages).Sum(page => tree.Insert((uint)page, hadShadow: false));

        Assert.Equal(nodes, tree.Nodes);
        Assert.Equal(nodes, added);
    }

    [Fact]
    public void A_tree_is_as_high_as_its_largest_index_needs()
    {
        var tree = new PageCacheTree([1 << 20]);

        Assert.Equal(1, tree.Insert(5, false));
        Assert.Equal(2, tree.Insert(64, false));
        Assert.Equal(3, tree.Insert(4096, false));
        Assert.Equal(0, tree.Insert(4097, false));
        Assert.Equal(4, tree.Insert(1 << 18, false));
    }

    [Fact]
    public void Files_have_trees_of_their_own()
    {
        var tree = new PageCacheTree([100, 100]);

        Assert.Equal(1, tree.Insert(0, false));
        Assert.Equal(1, tree.Insert(128, false));
        Assert.Equal(2, tree.Insert(192, false));
    }

    [Fact]
    public void It_has_the_nodes_that_its_pages_and_shadows_need() =>
        Gen.Select(Gen.Int[1, 20_000], Gen.Int[0, 19_999].Array[0, 400], Gen.Int[0, 9].Array[400]).Sample((size, indices, moves) =>
        {
            var tree = new PageCacheTree([size]);
            var words = new uint[PageCacheTree.LeavesOf(size) * 64];
            var (pages, shadows) = (new HashSet<int>(), new HashSet<int>());
            var shadowLeaves = new List<int>();
            var highest = 0;
            for (var i = 0; i < indices.Length; i++)
            {
                var index = indices[i] % size;
                if (moves[i] == 0 && tree.ShadowNodes > 0)
                {
                    var before = tree.Nodes;
                    Assert.Equal(before - tree.ReclaimOldestShadowNode(words), tree.Nodes);
                    shadows.RemoveWhere(shadow => shadow >> 6 == shadowLeaves[0]);
                    shadowLeaves.RemoveAt(0);
                }
                else if (pages.Remove(index))
                {
                    tree.Evict((uint)index);
                    words[index] = 1;
                    shadows.Add(index);
                    if (!pages.Any(page => page >> 6 == index >> 6))
                    {
                        shadowLeaves.Add(index >> 6);
                    }
                }
                else
                {
                    highest = Math.Max(highest, index);
                    var before = tree.Nodes;
                    Assert.Equal(before + tree.Insert((uint)index, shadows.Remove(index)), tree.Nodes);
                    words[index] = 0;
                    pages.Add(index);
                    shadowLeaves.Remove(index >> 6);
                }

                Assert.Equal(NodesFor([.. pages, .. shadows], highest), tree.Nodes);
                Assert.Equal(shadowLeaves.Count, tree.ShadowNodes);
            }

            Assert.Equal(shadows.Order(), Enumerable.Range(0, size).Where(page => words[page] != 0));
        });

    [Fact]
    public void Nodes_of_a_shared_file_are_each_charged_to_one_memcg_that_has_inserted_something_there() =>
        Gen.Select(Gen.Int[1, 20_000], Gen.Int[0, 19_999].Array[0, 400], Gen.Int[0, 9].Array[400], Gen.Int[0, 2].Array[400]).Sample((size, indices, moves, actors) =>
        {
            // What three memcgs know of one file, beside the tree of somebody who has it alone.
            var alone = new PageCacheTree([size]);
            PageCacheTree[] trees = [.. Enumerable.Range(0, 3).Select(_ => new PageCacheTree([size], [0]))];
            var words = Enumerable.Range(0, 4).Select(_ => new uint[PageCacheTree.LeavesOf(size) * 64]).ToArray();
            var (pages, shadows) = (new HashSet<int>(), new HashSet<int>());
            for (var i = 0; i < indices.Length; i++)
            {
                var (index, actor) = ((uint)(indices[i] % size), actors[i]);
                if (moves[i] == 0 && trees[actor].ShadowNodes > 0)
                {
                    var leaf = trees[actor].OldestShadowLeaf;
                    var before = trees.Sum(tree => tree.Nodes);
                    var freed = trees.Select((tree, other) => other == actor ? tree.ReclaimOldestShadowNode(words[other]) : tree.ReclaimShadowNode(leaf, words[other])).Sum();
                    Assert.Equal(before - freed, trees.Sum(tree => tree.Nodes));
                    Assert.Equal(freed, alone.ReclaimShadowNode(leaf, words[3]));
                    shadows.RemoveWhere(shadow => shadow >> 6 == leaf);
                }
                else if (pages.Remove((int)index))
                {
                    Array.ForEach(trees, tree => tree.Evict(index));
                    alone.Evict(index);
                    shadows.Add((int)index);
                }
                else
                {
                    var hadShadow = shadows.Remove((int)index);
                    var added = trees.Select((tree, other) => tree.Insert(index, hadShadow, byOther: other != actor)).ToList();
                    Assert.Equal(added[actor], alone.Insert(index, hadShadow));
                    pages.Add((int)index);
                }

                Assert.Equal(alone.Nodes, trees.Sum(tree => tree.Nodes));
                Assert.Equal(alone.ShadowNodes, trees.Sum(tree => tree.ShadowNodes));
                Assert.All(trees, tree => Assert.InRange(tree.Nodes, 0, alone.Nodes));
            }
        });

    private static int NodesFor(HashSet<int> entries, int highest)
    {
        var nodes = entries.Count == 0 ? 0 : entries.Select(index => index >> 6).Distinct().Count();
        for (var shift = 12; entries.Count != 0 && highest >> (shift - 6) != 0; shift += 6)
        {
            nodes += entries.Select(index => index >> shift).Distinct().Count();
        }

        return nodes;
    }
}
