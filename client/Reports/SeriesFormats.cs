using System.Globalization;
using CsvHelper;
using Parquet;
using Parquet.Schema;

namespace Reclaim.Client.Reports;

/// <summary>Writes samples where <c>--series</c> says, in the format that the file's name ends with.</summary>
internal static class SeriesFormats
{
    private const string Csv = ".csv";
    private const string Parquet = ".parquet";

    /// <exception cref="InputException">The name ends with something else.</exception>
    public static void Check(string path)
    {
        if (Path.GetExtension(path) is not (Csv or Parquet))
        {
            throw new InputException($"--series {path}: must end with {Csv} or {Parquet}");
        }
    }

    /// <summary>The bytes of the file.</summary>
    public static async Task<byte[]> WriteAsync(SeriesTable table, string path)
    {
        using var stream = new MemoryStream();
        if (Path.GetExtension(path) == Csv)
        {
            WriteCsv(table, stream);
        }
        else
        {
            await WriteParquetAsync(table, stream);
        }

        return stream.ToArray();
    }

    private static void WriteCsv(SeriesTable table, Stream stream)
    {
        using var csv = CsvWriter.Create(stream, leaveOpen: true);
        foreach (var name in table.Labels.Select(column => column.Name).Append("seconds").Concat(table.Numbers.Select(column => column.Name)))
        {
            csv.WriteField(name);
        }

        csv.EndRecord();
        for (var row = 0; row < table.Seconds.Count; row++)
        {
            foreach (var (_, values) in table.Labels)
            {
                csv.WriteField(values[row]);
            }

            csv.WriteField(table.Seconds[row].ToString(CultureInfo.InvariantCulture));
            foreach (var (_, values) in table.Numbers)
            {
                csv.WriteField(values[row].ToString(CultureInfo.InvariantCulture));
            }

            csv.EndRecord();
        }
    }

    private static async Task WriteParquetAsync(SeriesTable table, Stream stream)
    {
        var labels = table.Labels.Select(column => (Field: new DataField<string>(column.Name), column.Values)).ToList();
        var seconds = new DataField<double>("seconds");
        var numbers = table.Numbers.Select(column => (Field: new DataField<long>(column.Name), column.Values)).ToList();
        var schema = new ParquetSchema([.. labels.Select(column => (Field)column.Field), seconds, .. numbers.Select(column => (Field)column.Field)]);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        using var group = writer.CreateRowGroup();
        foreach (var (field, values) in labels)
        {
            await group.WriteAsync(field, values.ToArray());
        }

        await group.WriteAsync<double>(seconds, table.Seconds.ToArray());
        foreach (var (field, values) in numbers)
        {
            await group.WriteAsync<long>(field, values.ToArray());
        }
    }
}
