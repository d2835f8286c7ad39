using Google.Protobuf.Reflection;
using Reclaim.Client.Perfetto.Format;
using Xunit;

namespace Reclaim.Client.Tests.Perfetto;

/// <summary>The fields that are written are Perfetto's: numbers and types as they are published in protos/perfetto/trace.</summary>
public sealed class PublishedFormatTests
{
    [Theory]
    [InlineData("Trace", "packet", 1, FieldType.Message)]
    [InlineData("TracePacket", "timestamp", 8, FieldType.UInt64)]
    [InlineData("TracePacket", "trusted_packet_sequence_id", 10, FieldType.UInt32)]
    [InlineData("TracePacket", "track_event", 11, FieldType.Message)]
    [InlineData("TracePacket", "interned_data", 12, FieldType.Message)]
    [InlineData("TracePacket", "sequence_flags", 13, FieldType.UInt32)]
    [InlineData("TracePacket", "track_descriptor", 60, FieldType.Message)]
    [InlineData("InternedData", "event_names", 2, FieldType.Message)]
    [InlineData("InternedData", "debug_annotation_names", 3, FieldType.Message)]
    [InlineData("InternedName", "iid", 1, FieldType.UInt64)]
    [InlineData("InternedName", "name", 2, FieldType.String)]
    [InlineData("TrackDescriptor", "uuid", 1, FieldType.UInt64)]
    [InlineData("TrackDescriptor", "name", 2, FieldType.String)]
    [InlineData("TrackDescriptor", "process", 3, FieldType.Message)]
    [InlineData("TrackDescriptor", "parent_uuid", 5, FieldType.UInt64)]
    [InlineData("TrackDescriptor", "counter", 8, FieldType.Message)]
    [InlineData("TrackDescriptor", "child_ordering", 11, FieldType.Enum)]
    [InlineData("TrackDescriptor", "sibling_order_rank", 12, FieldType.Int32)]
    [InlineData("TrackDescriptor", "description", 14, FieldType.String)]
    [InlineData("ProcessDescriptor", "pid", 1, FieldType.Int32)]
    [InlineData("ProcessDescriptor", "process_name", 6, FieldType.String)]
    [InlineData("CounterDescriptor", "unit_name", 6, FieldType.String)]
    [InlineData("TrackEvent", "debug_annotations", 4, FieldType.Message)]
    [InlineData("TrackEvent", "type", 9, FieldType.Enum)]
    [InlineData("TrackEvent", "name_iid", 10, FieldType.UInt64)]
    [InlineData("TrackEvent", "track_uuid", 11, FieldType.UInt64)]
    [InlineData("TrackEvent", "counter_value", 30, FieldType.Int64)]
    [InlineData("TrackEvent", "flow_ids", 47, FieldType.Fixed64)]
    [InlineData("TrackEvent", "terminating_flow_ids", 48, FieldType.Fixed64)]
    [InlineData("DebugAnnotation", "name_iid", 1, FieldType.UInt64)]
    [InlineData("DebugAnnotation", "int_value", 4, FieldType.Int64)]
    [InlineData("DebugAnnotation", "string_value", 6, FieldType.String)]
    public void A_field_has_its_published_number_and_type(string message, string field, int number, FieldType type)
    {
        var described = PerfettoReflection.Descriptor.MessageTypes.Single(known => known.Name == message).FindFieldByName(field);

        Assert.Equal((number, type), (described.FieldNumber, described.FieldType));
    }
}
