namespace Reclaim.Silo.Membership;

/// <summary>Silos in pods: the one whose pod is deleted is declared dead at once, and need not be found dead by probes that fail.</summary>
public static class KubernetesPods
{
    /// <summary>Whether this process is a silo in a pod of <c>deploy/kubernetes</c>.</summary>
    public static bool IsPod => Names("KUBERNETES_SERVICE_HOST") && Names("POD_NAME") && Names("POD_NAMESPACE");

    /// <summary>Names the silo after its pod, and has it watch the pods of its cluster if it is in one.</summary>
    public static ISiloBuilder UseKubernetesPods(this ISiloBuilder silo) => IsPod ? silo.UseKubernetesHosting() : silo;

    private static bool Names(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
