using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);

    internal static Device CUDA => new(DeviceType.CUDA);

    public class Device
    {
        public Device(string description)
        {
            var parts = description.Split(':');
            type = Parse(parts[0]);
            index = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : -1;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = deviceType == DeviceType.CPU ? -1 : index;
        }

        public DeviceType type { get; }

        public int index { get; }

        public override string ToString()
        {
            var name = type == DeviceType.CPU ? "cpu" : "cuda";
            return index < 0 ? name : $"{name}:{index}";
        }

        private static DeviceType Parse(string name) => name.ToLowerInvariant() switch
        {
            "cpu" => DeviceType.CPU,
            "cuda" => DeviceType.CUDA,
            _ => throw new ArgumentException($"Invalid device type: {name}"),
        };
    }
}
