using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reclaim.Contracts.Results;

/// <summary>Writes a list of counters as one JSON object whose members keep the kernel's order.</summary>
public sealed class CounterListConverter : JsonConverter<ImmutableArray<Counter>>
{
    public override ImmutableArray<Counter> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var counters = ImmutableArray.CreateBuilder<Counter>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            counters.Add(new Counter(name, reader.GetInt64()));
        }

        return counters.ToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<Counter> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var counter in value)
        {
            writer.WriteNumber(counter.Name, counter.Value);
        }

        writer.WriteEndObject();
    }
}
