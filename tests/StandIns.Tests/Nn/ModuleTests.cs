using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Nn;

public sealed class ModuleTests
{
    [Fact]
    public void Components_are_the_instance_fields_under_their_names_or_given_names()
    {
        using var net = new Net();
        string[] expected =
        [
            "scale", "conv.weight", "conv.bias", "towers.0.0.weight", "towers.0.0.bias", "towers.0.1.weight", "towers.0.1.bias",
            "towers.1.first.weight", "towers.1.first.bias", "_hidden.weight", "_hidden.bias",
        ];
        Assert.Equal(expected, net.named_parameters().Select(p => p.name));
        Assert.Equal(["anchors", "_hidden.running_mean", "_hidden.running_var", "_hidden.num_batches_tracked"], net.named_buffers().Select(b => b.name));
        Assert.Equal(["conv", "towers", "_hidden", "towers.0", "towers.1", "towers.0.0", "towers.0.1", "towers.0.2", "towers.1.first"],
            net.named_modules().Select(m => m.name).OrderBy(n => n.Count(c => c == '.')));
        Assert.Equal(["scale"], net.named_parameters(false).Select(p => p.name));
        Assert.Equal(3, net.children().Count());
        Assert.Equal("weight", new ComponentNameAttribute { Name = "weight" }.Name);
    }

    [Fact]
    public void Modules_in_arrays_and_modules_that_forget_to_register_have_no_parameters()
    {
        using var net = new Forgetful(register: false);
        Assert.Empty(net.parameters());
        using var registered = new Forgetful(register: true);
        Assert.Equal(["<Property>k__BackingField.weight", "<Property>k__BackingField.bias"], registered.named_parameters().Select(p => p.name));
        using var parent = nn.Sequential(net);
        Assert.Empty(parent.parameters());
    }

    [Fact]
    public void Registration_refuses_second_names_dots_and_nothing()
    {
        using var net = new Net();
        using var extra = nn.ReLU();
        Assert.Throws<InvalidOperationException>(() => net.register_module("conv", extra));
        Assert.Throws<ArgumentException>(() => net.register_module("a.b", extra));
        Assert.Throws<InvalidOperationException>(() => net.register_buffer("anchors", net.conv.weight));
        Assert.Throws<ArgumentNullException>(() => net.register_parameter("none", null!));
        net.register_buffer("passing", zeros(2), persistent: false);
        Assert.DoesNotContain("passing", net.state_dict().Keys);
    }

    [Fact]
    public void State_dict_holds_parameters_then_buffers_and_loads_into_another_type()
    {
        using var source = new Net();
        using var target = new Net().@double();
        var state = source.state_dict();
        Assert.Equal(15, state.Count);
        Assert.Same(source.conv.weight, state["conv.weight"]);
        Assert.True(state.Keys.ToList().IndexOf("anchors") > state.Keys.ToList().IndexOf("_hidden.bias"));

        var (missing, unexpected) = target.load_state_dict(state);
        Assert.Empty(missing);
        Assert.Empty(unexpected);
        Assert.Equal(ScalarType.Float64, target.conv.weight.dtype);
        Assert.True(target.conv.weight.@float().Equals(source.conv.weight));
    }

    [Fact]
    public void Loading_strictly_refuses_other_names_and_loosely_reports_them()
    {
        using var net = new Net();
        var state = net.state_dict();
        state.Remove("scale");
        state["strange"] = zeros(1);
        Assert.Throws<InvalidOperationException>(() => net.load_state_dict(state));
        var (missing, unexpected) = net.load_state_dict(state, strict: false);
        Assert.Equal(["scale"], missing);
        Assert.Equal(["strange"], unexpected);
        var (missingUnlessSkipped, _) = net.load_state_dict(state, strict: false, skip: ["scale"]);
        Assert.Empty(missingUnlessSkipped);
    }

    [Fact]
    public void Conversion_replaces_parameter_objects_disposes_the_old_and_keeps_integers()
    {
        using var net = new Net();
        var (weight, scale, anchors) = (net.conv.weight, net.scale, net.anchors);
        scale.sum().backward();
        Assert.Same(net, net.to(ScalarType.Float32));
        Assert.Same(weight, net.conv.weight);

        net.bfloat16();
        Assert.True(weight.IsInvalid);
        Assert.True(scale.IsInvalid);
        Assert.True(anchors.IsInvalid);
        Assert.NotSame(scale, net.scale);
        Assert.Same(net.scale, net.named_parameters().First().parameter);
        Assert.Equal(ScalarType.BFloat16, net.scale.grad!.dtype);
        Assert.True(net.scale.requires_grad && net.scale.is_leaf);
        Assert.Equal(ScalarType.BFloat16, net.anchors.dtype);
        Assert.Equal(ScalarType.Int64, net.named_buffers().Last().buffer.dtype);
        Assert.Throws<ArgumentException>(() => net.to(ScalarType.Int64));
    }

    [Fact]
    public void A_module_goes_to_a_device_that_is_there()
    {
        using var net = new Net();
        var weight = net.conv.weight;
        Assert.Same(weight, net.cpu().to(CPU).conv.weight);
        Assert.Equal(ScalarType.Float64, net.to(CPU, ScalarType.Float64).conv.weight.dtype);
        if (cuda.is_available()) Assert.Equal(DeviceType.CUDA, net.cuda().conv.weight.device_type);
        else Assert.Throws<InvalidOperationException>(() => net.cuda());
    }

    [Fact]
    public void A_list_names_what_it_holds_when_it_is_registered()
    {
        using var list = new ModuleList<Conv2d>(nn.Conv2d(1, 2, 1), nn.Conv2d(2, 3, 1));
        list.append(nn.Conv2d(3, 4, 1));
        Assert.Equal(3, list.Count);
        Assert.Equal(4, list[2].out_channels);
        Assert.Empty(list.parameters());
        using var net = new Holder(list);
        list.Add(nn.Conv2d(4, 5, 1));
        Assert.Equal(["list.0", "list.1", "list.2"], net.named_modules().Select(m => m.name).Skip(1));
        Assert.Equal([1L, 2, 3, 4], list.Select(m => m.in_channels));
    }

    [Fact]
    public void Parameters_made_by_layers_outlive_the_scope_and_bare_ones_do_not()
    {
        Conv2d conv;
        Parameter bare;
        using (NewDisposeScope())
        {
            conv = nn.Conv2d(1, 1, 3);
            bare = nn.Parameter(ones(2));
        }
        Assert.False(conv.weight.IsInvalid);
        Assert.True(bare.IsInvalid);
        conv.half();
        var weight = conv.weight;
        conv.Dispose();
        Assert.True(weight.IsInvalid);
    }

    [Fact]
    public void Parameter_takes_over_its_tensor()
    {
        var data = ones(3);
        using var parameter = nn.Parameter(data, requires_grad: false);
        Assert.True(data.IsInvalid);
        Assert.False(parameter.requires_grad);
        Assert.Equal(3, parameter.sum().item<float>());
    }

    [Fact]
    public void Train_eval_apply_and_zero_grad_reach_every_module()
    {
        using var net = new Net();
        net.eval();
        Assert.All(net.modules(), m => Assert.False(m.training));
        net.train();
        Assert.All(net.modules().Append(net), m => Assert.True(m.training));

        var visited = new List<nn.Module>();
        net.apply(visited.Add);
        Assert.Equal(net.modules().Count() + 1, visited.Count);
        Assert.Same(net, visited[^1]);

        net.scale.sum().backward();
        net.zero_grad(set_to_none: false);
        Assert.Equal(0, net.scale.grad!.sum().item<float>());
        net.zero_grad();
        Assert.Null(net.scale.grad);
    }

    private class Base : nn.Module<Tensor, Tensor>
    {
        private readonly BatchNorm2d _hidden = nn.BatchNorm2d(2);

        protected Base() : base("Base")
        {
        }

        public override Tensor forward(Tensor input) => _hidden.call(input);
    }

    private sealed class Net : Base
    {
        internal readonly Conv2d conv = nn.Conv2d(2, 2, 3);
        internal readonly ModuleList<nn.Module<Tensor, Tensor>> towers = nn.ModuleList<nn.Module<Tensor, Tensor>>(
            nn.Sequential(nn.Conv2d(2, 2, 1), nn.GroupNorm(1, 2), nn.ReLU()), nn.Sequential(("first", nn.Conv2d(2, 2, 1))));
        [ComponentName(Name = "scale")]
        private readonly Parameter _scale = nn.Parameter(ones(4));
        internal readonly Tensor anchors = arange(4.0f);

        internal Net()
        {
            RegisterComponents();
        }

        internal Parameter scale => _scale;
    }

    private sealed class Holder : nn.Module
    {
        internal readonly nn.Module list;

        internal Holder(nn.Module list) : base("Holder")
        {
            this.list = list;
            RegisterComponents();
        }
    }

    private sealed class Forgetful : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor>[] _array = [nn.Conv2d(1, 1, 1)];

        internal Forgetful(bool register) : base("Forgetful")
        {
            if (register) RegisterComponents();
        }

        public Conv2d Property { get; } = nn.Conv2d(1, 1, 1);

        public override Tensor forward(Tensor input) => _array[0].call(Property.call(input));
    }
}
