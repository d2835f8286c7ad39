using System.Net;
using System.Net.Sockets;

namespace Reclaim.Silo.Hosting;

/// <summary>
/// Ports of this machine that are this process's until it gives them back.
///
/// Silos bind a port although another silo listens at it (SO_REUSEPORT), and take each other's messages then; of two in one cluster the older ends,
/// since the younger has its address. So a port must not be free between being found and being bound. A socket that is bound, and does not
/// listen, keeps Linux from giving the port to whoever asks for any, and from letting anybody bind it who listens already, but lets it be bound by name.
/// Other systems would not let it: there a port is only known to have been free.
/// </summary>
internal sealed class ReservedPorts : IDisposable
{
    private readonly List<Socket> sockets = [];

    private ReservedPorts()
    {
    }

    /// <summary>In the order in which they were asked for.</summary>
    public IReadOnlyList<int> Numbers { get; private set; } = [];

    /// <param name="address">Where they are to be listened at.</param>
    /// <param name="wanted">Which; 0: any that is free.</param>
    /// <exception cref="PortTakenException">Somebody listens at one of them.</exception>
    public static ReservedPorts Take(IPAddress address, params IReadOnlyList<int> wanted)
    {
        var reserved = new ReservedPorts();
        try
        {
            // Those that are named come first, lest one of them be given to whoever takes any.
            var numbers = wanted.ToArray();
            foreach (var i in Enumerable.Range(0, numbers.Length).OrderBy(i => numbers[i] == 0))
            {
                numbers[i] = reserved.Bind(new IPEndPoint(address, numbers[i]));
            }

            reserved.Numbers = numbers;
            if (!OperatingSystem.IsLinux())
            {
                reserved.Dispose();
            }

            return reserved;
        }
        catch
        {
            reserved.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => sockets.ForEach(socket => socket.Dispose());

    private int Bind(IPEndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        sockets.Add(socket);
        try
        {
            socket.Bind(at);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new PortTakenException(at, e);
        }

        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

/// <summary>Somebody listens at a port already.</summary>
public sealed class PortTakenException : Exception
{
    internal PortTakenException(IPEndPoint at, Exception why)
        : base($"somebody listens at {at} already", why)
    {
    }
}
