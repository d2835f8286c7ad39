namespace Reclaim.Silo;

/// <summary>What somebody who wrote an unknown name may have meant.</summary>
public static class Nearest
{
    /// <summary>The rest of a sentence: <c>; did you mean 'iodepth'?</c>, or the list of names when none is near.</summary>
    public static string Suggestion(string written, IEnumerable<string> known)
    {
        var names = known.ToList();
        if (names.Count == 0)
        {
            return "";
        }

        var best = names.MinBy(name => Distance(written.ToLowerInvariant(), name.ToLowerInvariant()))!;
        var distance = Distance(written.ToLowerInvariant(), best.ToLowerInvariant());
        var contained = written.Length >= 3 && best.Contains(written, StringComparison.OrdinalIgnoreCase);
        if (distance <= Math.Max(2, Math.Max(written.Length, best.Length) / 2) || contained || names.Count > 24)
        {
            return $"; did you mean '{best}'?";
        }

        return $"; known: {string.Join(", ", names)}";
    }

    /// <summary>Edits (insert, delete, replace, swap of neighbours) between two words.</summary>
    public static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                var best = Math.Min(replace, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                }

                rows[i, j] = best;
            }
        }

        return rows[a.Length, b.Length];
    }
}
