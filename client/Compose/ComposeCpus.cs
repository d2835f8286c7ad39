using System.Globalization;
using Reclaim.Client.ScenarioFormat;

namespace Reclaim.Client.Compose;

/// <summary>cpu.max of a service: <c>cpus</c>, there or under <c>deploy</c>, or <c>cpu_quota</c> and <c>cpu_period</c>, as Docker writes them (moby 28, NanoCPUs; runc 1.3, CPU quota and period).</summary>
internal static class ComposeCpus
{
    private const string Key = "cpus";
    private const string Quota = "cpu_quota";
    private const string Period = "cpu_period";

    /// <param name="service">The service.</param>
    /// <param name="limits">Its <c>deploy.resources.limits</c>.</param>
    /// <returns>Null: it has none, or something is wrong.</returns>
    public static ScenarioEntry? Read(MapReader service, MapReader? limits)
    {
        var (own, deployed) = (Cpus(service), limits is null ? null : Cpus(limits));
        var (quota, period) = (ComposeService.Text(service, Quota), ComposeService.Text(service, Period));
        if (own is { } one && deployed is { } other && one != other)
        {
            service.Error(Key, $"{one} is not what deploy.resources.limits.cpus says, {other}");
        }

        if ((own ?? deployed) is { } cpus)
        {
            if ((quota ?? period) is not null)
            {
                service.Error(quota is null ? Period : Quota, "stands beside cpus: Docker refuses that, too");
            }

            return cpus == 0 ? null : Place.Of(own is null ? limits! : service, Key).Entry(CpuMaxReader.Key, CpuMaxReader.OfCpus(cpus));
        }

        // Of a quota that is not positive there is none.
        return quota is null || quota.StartsWith('-') || quota == "0" ? null
            : Place.Of(service, Quota).Entry(CpuMaxReader.Key, period is null or "0" ? quota : $"{quota} {period}");
    }

    private static decimal? Cpus(MapReader reader)
    {
        if (ComposeService.Text(reader, Key) is not { } text)
        {
            return null;
        }

        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cpus))
        {
            reader.Error(Key, $"'{text}' is not a number of CPUs");
            return null;
        }

        if (cpus > 0 && cpus < CpuMaxReader.FewestCpus)
        {
            reader.Error(Key, $"{text} is less than {CpuMaxReader.FewestCpus}: Docker refuses that, too");
            return null;
        }

        return cpus;
    }
}
