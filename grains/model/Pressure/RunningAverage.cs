namespace Reclaim.Model.Pressure;

/// <summary>
/// The time that a state has lasted, and its averages: per cent in fixed point with 11 bits behind the point, each period's whole per cent
/// weighing in by e^(−2/10), e^(−2/60), e^(−2/300).
/// Source: calc_avgs in kernel/sched/psi.c; calc_load, EXP_10s, EXP_60s, EXP_300s in include/linux/sched/loadavg.h and psi.c;
/// calc_load_n, fixed_power_int in kernel/sched/loadavg.c, v6.8.
/// </summary>
internal struct RunningAverage
{
    private const int Shift = 11;
    private const long One = 1 << Shift;
    private const long Exp10 = 1677;
    private const long Exp60 = 1981;
    private const long Exp300 = 2034;

    private long _avg10;
    private long _avg60;
    private long _avg300;
    private long _sampledNs;

    /// <summary>Time in the state since the beginning, as far as it was collected.</summary>
    public long TotalNs;

    /// <summary>As the file shows it.</summary>
    public readonly PressureLine Line => new(Hundredths(_avg10), Hundredths(_avg60), Hundredths(_avg300), TotalNs / 1000);

    /// <summary>A period has ended. What exceeds its length counts for the next.</summary>
    /// <param name="missed">Whole periods before it in which nothing happened.</param>
    /// <param name="periodNs">Its length.</param>
    public void Update(long missed, long periodNs)
    {
        var sample = Math.Min(TotalNs - _sampledNs, periodNs);
        _sampledNs += sample;
        var percent = sample * 100 / periodNs * One;
        _avg10 = Next(_avg10, Exp10, missed, percent);
        _avg60 = Next(_avg60, Exp60, missed, percent);
        _avg300 = Next(_avg300, Exp300, missed, percent);
    }

    private static long Next(long average, long exp, long missed, long percent) =>
        Step(missed > 0 ? Step(average, Power(exp, missed), 0) : average, exp, percent);

    /// <summary>Rounds up on the way up, so that a steady load is reached.</summary>
    private static long Step(long average, long exp, long active) =>
        (average * exp + active * (One - exp) + (active >= average ? One - 1 : 0)) >> Shift;

    /// <summary>By squaring; each product is rounded.</summary>
    private static long Power(long x, long n)
    {
        var result = One;
        for (; n != 0; n >>= 1, x = Rounded(x * x))
        {
            if ((n & 1) != 0)
            {
                result = Rounded(result * x);
            }
        }

        return result;
    }

    private static long Rounded(long product) => (product + One / 2) >> Shift;

    private static int Hundredths(long average) => (int)((average >> Shift) * 100 + ((average & (One - 1)) * 100 >> Shift));
}
