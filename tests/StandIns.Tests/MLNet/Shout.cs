using Microsoft.ML.Transforms;

namespace StandIns.Tests.MLNet;

/// <summary>A custom mapping that a fresh process finds by this assembly's name in the model file.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class Shout : CustomMappingFactory<Shout.Input, Shout.Output>
{
    public const string Contract = "standins.shout";

    public override Action<Input, Output> GetMapping() => Map;

    public static void Map(Input input, Output output)
    {
        output.Loud = input.Text.ToUpperInvariant();
        output.Lengths = [.. input.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => (float)w.Length)];
    }

    internal sealed class Input
    {
        public string Text { get; set; } = "";
    }

    internal sealed class Output
    {
        public string Loud { get; set; } = "";

        public float[] Lengths { get; set; } = [];
    }
}
