using System.Reflection;
using System.Reflection.Emit;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class CustomMappingTests
{
    private readonly MLContext _context = new(1);

    [Fact]
    public void The_action_runs_once_a_row_whatever_is_read()
    {
        var calls = 0;
        var data = _context.Data.LoadFromEnumerable(new[] { new Shout.Input { Text = "ab c" }, new Shout.Input { Text = "" } });
        var mapped = _context.Transforms.CustomMapping<Shout.Input, Shout.Output>(
            (input, output) =>
            {
                calls++;
                Shout.Map(input, output);
            },
            null).Fit(data).Transform(data);
        var rows = _context.Data.CreateEnumerable<Shout.Output>(mapped, reuseRowObject: false).ToArray();

        Assert.Equal(["AB C", ""], rows.Select(r => r.Loud));
        Assert.Equal([2, 1], rows[0].Lengths);
        Assert.Equal(2, calls);
        _ = mapped.GetColumn<string>("Text").ToArray();
        Assert.Equal(2, calls);
    }

    [Fact]
    public void Missing_and_wrong_input_columns_are_named()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Wrong() });
        var estimator = _context.Transforms.CustomMapping<Shout.Input, Shout.Output>(Shout.Map, null);

        Assert.Contains("'Text'", Assert.Throws<InvalidOperationException>(() => estimator.Fit(data)).Message);
        var chained = Assert.Throws<ArgumentOutOfRangeException>(() => new EstimatorChain<ITransformer>().Append(estimator).Fit(data));
        Assert.Contains("expected String, got Single", chained.Message);
    }

    [Fact]
    public void A_fixed_vector_will_do_where_a_variable_one_is_wanted_but_not_the_other_way_round()
    {
        var fixedSize = _context.Data.LoadFromEnumerable(new[] { new FixedVector { Values = [1, 2] } });
        var variable = _context.Data.LoadFromEnumerable(new[] { new VariableVector { Values = [1, 2] } });
        var wantsVariable = new EstimatorChain<ITransformer>().Append(_context.Transforms.CustomMapping<VariableVector, Shout.Output>((_, _) => { }, null));
        var wantsFixed = new EstimatorChain<ITransformer>().Append(_context.Transforms.CustomMapping<FixedVector, Shout.Output>((_, _) => { }, null));

        Assert.NotNull(wantsVariable.Fit(fixedSize));
        Assert.NotNull(wantsFixed.Fit(fixedSize));
        Assert.Contains("expected Vector<Single>, got VarVector<Single>", Assert.Throws<ArgumentOutOfRangeException>(() => wantsFixed.Fit(variable)).Message);
    }

    [Fact]
    public void An_image_column_made_by_another_transform_fails_inside_a_chain_and_works_outside()
    {
        PictureType.Register();
        var data = _context.Data.LoadFromEnumerable(new[] { new Shout.Input { Text = "cat" } });
        var painted = new Painter().Transform(data);
        var mapping = _context.Transforms.CustomMapping<Seen, Named>((seen, named) => named.Name = seen.Picture!.Name, null);

        Assert.Equal(["cat"], mapping.Fit(painted).Transform(painted).GetColumn<string>("Name"));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new EstimatorChain<ITransformer>().Append(new Painter().Estimator).Append(mapping).Fit(data));
        Assert.Contains("expected Picture, got Picture", error.Message);
    }

    [Fact]
    public void A_mapping_without_a_contract_cannot_be_saved()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Shout.Input() });
        var model = _context.Transforms.CustomMapping<Shout.Input, Shout.Output>(Shout.Map, null).Fit(data);

        Assert.Contains("contract", Assert.Throws<InvalidOperationException>(() => _context.Model.Save(model, data.Schema, new MemoryStream())).Message);
    }

    [Fact]
    public void A_contract_belongs_to_one_type()
    {
        var name = new AssemblyName("Twins");
        var module = AssemblyBuilder.DefineDynamicAssembly(name, AssemblyBuilderAccess.Run).DefineDynamicModule("Twins");
        var contract = typeof(CustomMappingFactoryAttributeAttribute).GetConstructor([typeof(string)])!;
        foreach (var twin in new[] { "A", "B" })
        {
            var type = module.DefineType(twin, TypeAttributes.Public);
            type.SetCustomAttribute(new CustomAttributeBuilder(contract, ["same"]));
            type.CreateType();
        }

        Assert.Contains("'same'", Assert.Throws<ArgumentException>(() => _context.ComponentCatalog.RegisterAssembly(module.Assembly)).Message);
        _context.ComponentCatalog.RegisterAssembly(typeof(Shout).Assembly);
        _context.ComponentCatalog.RegisterAssembly(typeof(Shout).Assembly);
    }

    internal sealed class Seen
    {
        public Picture? Picture { get; set; }
    }

    private sealed class Named
    {
        public string Name { get; set; } = "";
    }

    private sealed class Wrong
    {
        public float Text { get; set; }
    }

    private sealed class FixedVector
    {
        [VectorType(2)]
        public float[] Values { get; set; } = [];
    }

    private sealed class VariableVector
    {
        public float[] Values { get; set; } = [];
    }
}
