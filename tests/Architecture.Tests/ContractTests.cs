using System.Reflection;

namespace Reclaim.Architecture.Tests;

/// <summary>What crosses between processes has a name and a layout that outlive a renaming.</summary>
public class ContractTests
{
    public static TheoryData<Type> Messages => [.. Rooms.Contracts.GetExportedTypes().Where(IsMessage)];

    public static TheoryData<Type> GrainInterfaces => [.. Rooms.Contracts.GetExportedTypes().Where(IsGrainInterface)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_has_a_serializer_and_a_versioned_alias(Type message)
    {
        Assert.NotNull(message.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false));
        Assert.Matches(@"^reclaim\.[a-z.-]+/\d+$", Assert.IsType<AliasAttribute>(message.GetCustomAttribute<AliasAttribute>(inherit: false)).Alias);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_cannot_change(Type message)
    {
        if (message.IsEnum || typeof(Exception).IsAssignableFrom(message))
        {
            return;
        }

        Assert.NotNull(message.GetCustomAttribute<ImmutableAttribute>(inherit: false));
        Assert.All(
            message.GetProperties().Where(property => property.CanWrite),
            property => Assert.Contains(
                property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers(),
                modifier => modifier.FullName == "System.Runtime.CompilerServices.IsExternalInit"));
        Assert.DoesNotContain(message.GetFields(BindingFlags.Public | BindingFlags.Instance), field => !field.IsInitOnly);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_member_of_a_message_has_a_number_of_its_own(Type message)
    {
        var numbers = message.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(property => property.GetMethod!.GetBaseDefinition().DeclaringType == message && IsStored(property))
            .Select(property => (property.Name, Number: property.GetCustomAttribute<IdAttribute>()?.Id))
            .ToArray();

        Assert.DoesNotContain(numbers, member => member.Number is null);
        Assert.Distinct(numbers.Select(member => member.Number));
    }

    [Theory]
    [MemberData(nameof(GrainInterfaces))]
    public void A_grain_interface_and_its_methods_have_aliases(Type grain)
    {
        Assert.NotNull(grain.GetCustomAttribute<AliasAttribute>(inherit: false));
        Assert.All(grain.GetMethods(), method => Assert.True(method.GetCustomAttribute<AliasAttribute>(inherit: false) is not null, method.Name));
        Assert.Distinct(grain.GetMethods().Select(method => method.GetCustomAttribute<AliasAttribute>(inherit: false)!.Alias));
    }

    [Fact]
    public void Aliases_are_distinct() => Assert.Distinct(
        Rooms.Contracts.GetExportedTypes().Select(type => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias).Where(alias => alias is not null));

    /// <summary>What is neither a grain nor the code around messages: records, enumerations and exceptions.</summary>
    private static bool IsMessage(Type type) =>
        type.IsEnum
        || typeof(Exception).IsAssignableFrom(type)
        || ((IsRecord(type) || type.IsValueType) && type.Namespace?.StartsWith("Reclaim.Contracts", StringComparison.Ordinal) == true);

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static bool IsGrainInterface(Type type) => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type);

    private static bool IsStored(PropertyInfo property) =>
        property.DeclaringType!.GetField($"<{property.Name}>k__BackingField", BindingFlags.NonPublic | BindingFlags.Instance) is not null;
}
