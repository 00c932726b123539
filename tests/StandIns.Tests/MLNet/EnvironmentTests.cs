using Microsoft.ML;
using Microsoft.ML.Runtime;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class EnvironmentTests
{
    [Fact]
    public void A_channel_reaches_the_log_of_the_context()
    {
        var context = new MLContext();
        var messages = new List<LoggingEventArgs>();
        void Keep(object? sender, LoggingEventArgs e) => messages.Add(e);
        context.Log += Keep;
        using (var channel = ((IHostEnvironment)context).Register("Detector").Start("Training"))
        {
            channel.Trace(MessageSensitivity.None, "t");
            channel.Info(MessageSensitivity.None, "{0} of {1}", 1, 2.5);
            channel.Warning(MessageSensitivity.None, "{braces} stay");
            channel.Error(MessageSensitivity.None, "e");
        }

        context.Log -= Keep;
        ((IHostEnvironment)context).Start("Training").Info(MessageSensitivity.None, "unheard");
        var told = messages.Where(m => !m.RawMessage.StartsWith("Channel", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["t", "1 of 2.5", "{braces} stay", "e"], told.Select(m => m.RawMessage));
        Assert.Equal([ChannelMessageKind.Trace, ChannelMessageKind.Info, ChannelMessageKind.Warning, ChannelMessageKind.Error], told.Select(m => m.Kind));
        Assert.Equal("Detector; Training", told[0].Source);
        Assert.Equal("[Source=Detector; Training, Kind=Info] 1 of 2.5", told[1].Message);
    }

    [Fact]
    public void A_progress_channel_reaches_the_log_with_nothing()
    {
        var context = new MLContext();
        var count = 0;
        context.Log += (_, _) => count++;
        using (var progress = ((IHostEnvironment)context).Register("Detector").StartProgressChannel("Training"))
        {
            progress.Checkpoint(1, 2);
        }

        Assert.Equal(0, count);
    }

    [Fact]
    public void The_environment_of_a_catalog_is_found_by_reflection()
    {
        var context = new MLContext();
        var message = "";
        context.Log += (_, e) => message = e.RawMessage;
        var env = EnvironmentOf(context.Transforms);

        Assert.NotSame(context, env);
        Assert.Same(context.ComponentCatalog, env.ComponentCatalog);
        env.Register("A").Start("B").Info(MessageSensitivity.None, "heard");
        Assert.Equal("heard", message);
    }

    [Fact]
    public void Numbers_follow_from_the_seed_and_the_order_of_registering()
    {
        int[] first = Draw(new MLContext(1)), again = Draw(new MLContext(1)), other = Draw(new MLContext(2));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first[0], first[1]);
        Assert.Equal(((IHostEnvironment)new MLContext(1)).Register("x", seed: 5).Rand.Next(), ((IHostEnvironment)new MLContext(2)).Register("y", seed: 5).Rand.Next());

        static int[] Draw(IHostEnvironment env) => [env.Register("same").Rand.Next(), env.Register("same").Rand.Next()];
    }

    [Fact]
    public void Settings_are_kept_on_the_context()
    {
        var context = new MLContext { GpuDeviceId = 1, FallbackToCpu = false, TempFilePath = "somewhere" };
        context.SetOption("threads", 3);

        Assert.Equal((1, false, "somewhere"), (context.GpuDeviceId, context.FallbackToCpu, context.TempFilePath));
        Assert.True(context.TryGetOption<int>("threads", out var threads));
        Assert.Equal(3, threads);
        Assert.False(context.TryGetOption<int>("other", out _));
        Assert.Null(new MLContext().GpuDeviceId);
    }

    private static IHostEnvironment EnvironmentOf(object catalog) => (IHostEnvironment)catalog.GetType().GetInterfaces()
        .First(i => i.Name == "IInternalCatalog").GetProperty("Environment")!.GetValue(catalog)!;
}
