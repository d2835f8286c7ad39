using Reclaim.Model.Steps;

namespace Reclaim.Model.Hierarchy;

/// <summary>What the members of a node have together in a batch: each gets as many pages as any other, or one more as long as there are any left.</summary>
internal sealed class BatchPart
{
    private long _each;
    private long _more;
    private SharedGrant? _grant;
    private SharedGrant? _grantOfMore;

    /// <summary>Virtual time they may come to.</summary>
    public long UntilNs { get; set; }

    /// <summary>Pages above the watermark.</summary>
    public long Pages { get; set; }

    /// <summary>Whether that is min, as kswapd is awake.</summary>
    public bool IsSlow { get; set; }

    /// <summary>How many they are.</summary>
    public int Members { get; set; }

    /// <summary>All that is to be known of them is.</summary>
    public void Begin()
    {
        (_each, _more) = Members == 0 ? (0, 0) : (Pages / Members, Pages % Members);
        (_grant, _grantOfMore) = (Grant(_each, IsSlow), Grant(_each + 1, IsSlow));
    }

    /// <summary>The pages of the next.</summary>
    public long Share() => _each + (_more-- > 0 ? 1 : 0);

    /// <summary>What is granted with so many pages; null: with so many nobody began.</summary>
    public SharedGrant? GrantOf(long pages) => pages == _each ? _grant : pages == _each + 1 ? _grantOfMore : null;

    /// <summary>A grant of so many pages.</summary>
    public static SharedGrant Grant(long pages, bool isSlow) =>
        new(StartNs: 0, Round: false, SingleFirst: false, StallNs: 0, OthersStock: default) { NodePages = pages, Slow = isSlow };
}
