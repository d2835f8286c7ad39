using Reclaim.Contracts.Spec;
using Reclaim.Model.Control;

namespace Reclaim.Grains;

/// <summary>Control files in the model's terms and in those of messages: each has the same name in both.</summary>
internal static class ControlMapping
{
    public static ControlFile ToModel(EventFile file) => Enum.Parse<ControlFile>(file.ToString());

    public static EventFile ToMessage(ControlFile file) => Enum.Parse<EventFile>(file.ToString());
}
