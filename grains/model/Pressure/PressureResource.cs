namespace Reclaim.Model.Pressure;

/// <summary>What tasks may lack (PSI_IO, PSI_MEM, PSI_CPU).</summary>
public enum PressureResource
{
    /// <summary>io.pressure.</summary>
    Io,

    /// <summary>memory.pressure.</summary>
    Memory,

    /// <summary>cpu.pressure.</summary>
    Cpu,
}
