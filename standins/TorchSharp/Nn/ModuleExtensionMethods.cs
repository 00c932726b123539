namespace TorchSharp;

public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module
        => Convert(module, type, device);

    public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module => Convert(module, null, device);

    internal static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module
        => Convert(module, null, new torch.Device(deviceType, deviceIndex));

    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => Convert(module, type, null);

    public static T cpu<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(DeviceType.CPU);

    public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module
        => module.to(DeviceType.CUDA, deviceIndex);

    public static T half<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Float16);

    public static T bfloat16<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.BFloat16);

    public static T @double<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => module.to(torch.ScalarType.Float64);

    private static T Convert<T>(T module, torch.ScalarType? type, torch.Device? device) where T : torch.nn.Module
    {
        if (type is { } t && t is not (torch.ScalarType.Float16 or torch.ScalarType.BFloat16 or torch.ScalarType.Float32 or torch.ScalarType.Float64))
            throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={t}");
        if (device?.type == DeviceType.CUDA && !torch.cuda.is_available()) throw new InvalidOperationException("CUDA is not available.");
        module.Convert(type, device);
        return module;
    }
}
