using Reclaim.Model.Hierarchy;
using Reclaim.Model.Steps;

namespace Reclaim.Model.Nodes;

/// <summary>
/// One pass over the old generation of the memcg LRU: from a bin drawn by lot on, bin after bin, until it may end. A lruvec moves on
/// when it was aged, protected or too small; else it stays first in line.
/// Source: shrink_many, shrink_one in mm/vmscan.c, v6.8 and v6.12; v6.6 for the size test.
/// </summary>
internal sealed class MemcgLruPass
{
    private readonly MemcgTree _tree;
    private readonly MemcgLru _lru;
    private readonly int _numa;
    private readonly bool _smallFirst;
    private readonly int _priority;
    private readonly int _generation;
    private readonly long _seq;
    private readonly int _firstBin;
    private int _bin;
    private int _current = -1;
    private MemcgLruOperation _operation;
    private bool _over;

    public MemcgLruPass(MemcgTree tree, MemcgLru lru, bool smallFirst, int priority, int node = 0)
    {
        (_tree, _lru, _numa, _smallFirst, _priority) = (tree, lru, node, smallFirst, priority);
        (_generation, _seq) = (_lru.OldGeneration, _lru.Seq);
        _bin = _firstBin = _lru.FirstBin();
    }

    /// <summary>The next container to be reclaimed from.</summary>
    /// <param name="evictable">Pages that a cgroup has to evict.</param>
    /// <returns>Index of its cgroup, or null if the pass is over.</returns>
    public int? Next(Func<int, long> evictable)
    {
        while (!_over)
        {
            // Where it goes on is settled before the one before moves. If somebody else has moved that one meanwhile, the bin is begun again.
            var next = _current >= 0 && _lru.IsIn(_current, _generation, _bin) ? _lru.After(_current) : _lru.First(_generation, _bin);
            Move();
            if (_lru.Seq != _seq)
            {
                // Nobody is left in its generation, and in the end the young ones will have that number.
                (_over, _current) = (true, -1);
                break;
            }

            if (next is not { } node)
            {
                _current = -1;
                _bin = (_bin + 1) % MemcgLru.Bins;
                _over = _bin == _firstBin;
                continue;
            }

            _current = node;
            if (IsToBeShrunk(node, evictable))
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>An order was carried out.</summary>
    /// <param name="report">What it came to.</param>
    /// <param name="abort">Whether the pass may end.</param>
    public void Took(in ShrinkReport report, bool abort)
    {
        _operation = report.Aged && (_smallFirst || _tree.Nodes[_current].IsOnline) ? MemcgLruOperation.Young
            : !report.Aged && (_smallFirst || report.Lists.Evictable >> _priority != 0) ? MemcgLruOperation.Nop
            : OnceMore(_current);
        if (abort)
        {
            Move();
            _over = true;
        }
    }

    private bool IsToBeShrunk(int index, Func<int, long> evictable)
    {
        var node = _tree.Nodes[index];
        if (_smallFirst && evictable(index) >> _priority == 0)
        {
            _operation = OnceMore(index);
            return false;
        }

        if (index != 0 && node.Usage != 0 && node.EffectiveMin >= node.Usage)
        {
            _operation = MemcgLruOperation.Young;
            return false;
        }

        if (index != 0 && node.Usage != 0 && node.EffectiveLow >= node.Usage)
        {
            if (!_lru.IsAtTail(index))
            {
                _operation = MemcgLruOperation.Tail;
                return false;
            }

            node.EventsLow++;
        }

        if (!node.HasPagesOn(_numa))
        {
            // It has no pages of its own, or they are elsewhere: its lruvec here is empty.
            _operation = OnceMore(index);
            return false;
        }

        return true;
    }

    private MemcgLruOperation OnceMore(int index) => _lru.IsAtTail(index) ? MemcgLruOperation.Young : MemcgLruOperation.Tail;

    private void Move()
    {
        if (_current >= 0)
        {
            _lru.Rotate(_current, _operation);
        }

        _operation = MemcgLruOperation.Nop;
    }
}
