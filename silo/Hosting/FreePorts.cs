using System.Net;
using System.Net.Sockets;

namespace Reclaim.Silo.Hosting;

/// <summary>Ports that nobody listens at now. Another process may take one before it is bound.</summary>
internal static class FreePorts
{
    public static int[] Take(IPAddress address, int count)
    {
        var listeners = new TcpListener[count];
        try
        {
            for (var i = 0; i < count; i++)
            {
                listeners[i] = new TcpListener(address, 0);
                listeners[i].Start();
            }

            return Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        }
        finally
        {
            Array.ForEach(listeners, listener => listener?.Dispose());
        }
    }
}
