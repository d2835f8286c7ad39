namespace Reclaim.Client.Traces;

/// <summary>The CRC-32 of gzip (polynomial 0xEDB88320, bits reversed), eight bytes at a time.</summary>
internal struct Crc32
{
    private static readonly uint[][] s_tables = Tables();

    private uint _inverted;

    public readonly uint Value => _inverted;

    public void Append(ReadOnlySpan<byte> data)
    {
        var tables = s_tables;
        var crc = ~_inverted;
        for (; data.Length >= 8; data = data[8..])
        {
            crc = tables[7][data[0] ^ (crc & 0xFF)] ^ tables[6][data[1] ^ (crc >> 8 & 0xFF)]
                  ^ tables[5][data[2] ^ (crc >> 16 & 0xFF)] ^ tables[4][data[3] ^ (crc >> 24)]
                  ^ tables[3][data[4]] ^ tables[2][data[5]] ^ tables[1][data[6]] ^ tables[0][data[7]];
        }

        foreach (var b in data)
            crc = tables[0][b ^ (crc & 0xFF)] ^ (crc >> 8);
        _inverted = ~crc;
    }

    private static uint[][] Tables()
    {
        var tables = new uint[8][];
        for (var t = 0; t < 8; t++)
        {
            tables[t] = new uint[256];
            for (var i = 0u; i < 256; i++)
            {
                var crc = t == 0 ? i : tables[t - 1][i];
                for (var bit = 0; bit < 8; bit++)
                    crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
                tables[t][i] = crc;
            }
        }

        return tables;
    }
}
