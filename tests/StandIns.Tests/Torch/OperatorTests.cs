using System.Reflection;
using TorchSharp;
using Xunit;

namespace StandIns.Tests.Torch;

public sealed class OperatorTests
{
    [Fact]
    public void Every_operator_that_the_stand_in_names_exists_in_this_libtorch()
    {
        var op = typeof(torch).Assembly.GetType("TorchSharp.Op", throwOnError: true)!;
        var find = op.GetMethod("Find", BindingFlags.Instance | BindingFlags.NonPublic)!;
        var operators = typeof(torch).Assembly.GetTypes()
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(f => f.FieldType == op && !f.DeclaringType!.ContainsGenericParameters)
            .ToList();
        Assert.True(operators.Count > 100);
        var missing = operators.Where(f => Record.Exception(() => find.Invoke(f.GetValue(null), null)) is not null);
        Assert.Empty(missing.Select(f => $"{f.DeclaringType!.Name}.{f.Name}"));
    }
}
