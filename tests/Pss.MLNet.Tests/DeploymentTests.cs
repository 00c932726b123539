using System.Runtime.InteropServices;
using Microsoft.ML;
using Pss.Engine.Inference;

namespace Pss.MLNet.Tests;

/// <summary>Programs that lack a native library, or have a wrong one: each is told in one sentence what to add.</summary>
public sealed class DeploymentTests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private const string Program = "Pss.MLNet.Tests.Bare";
    private const int Ways = 12;
    private static readonly string Natives = Path.Combine("runtimes", "linux-x64", "native");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_libtorch_every_way_in_names_the_package()
        => AssertTorch(FreshProcess.OutputOf(Program), "libtorch is missing", "libtorch-cpu-linux-x64", "TorchSharp-cuda-linux");

    [LinuxFact(olderThanGcc13: true)]
    public void On_older_Linux_the_library_as_it_comes_names_the_step_of_the_build_and_the_newer_systems()
        => AssertTorch(Deploy(FreshProcess.OutputOf(Program), "*torch*", "libc10.so", "libgomp*"), "libLibTorchSharp.so", "GLIBCXX_3.4.32", "libstdc++.so.6", "PssAdaptLibTorchSharp=true", "Debian 13");

    [LinuxFact]
    public void On_Linux_libtorch_of_another_processor_is_named_with_both()
    {
        var deployed = Deploy(AppContext.BaseDirectory, "libc10.so", "libgomp*");
        var library = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, Natives, "libc10.so"));
        (library[18], library[19]) = (183, 0);
        File.WriteAllBytes(Path.Combine(deployed, "libtorch_cpu.so"), library);
        AssertTorch(deployed, "libtorch_cpu.so", $"{Architecture.Arm64}", $"{Architecture.X64}", "libtorch-cpu-linux-x64");
    }

    [LinuxFact]
    public void On_Linux_a_missing_libgomp_is_named()
        => AssertTorch(Deploy(AppContext.BaseDirectory, "*torch*", "libc10.so"), "libtorch_cpu.so needs libgomp", "libgomp1");

    [LinuxFact]
    public void On_Linux_without_onnx_runtime_a_training_does_not_begin_unless_its_user_asks_for_it()
    {
        var lines = FreshProcess.RunIn(Deploy(AppContext.BaseDirectory, "*torch*", "libc10.so", "libgomp*"), Program, "fit", _folder.Path);
        Assert.StartsWith("Fit|InvalidOperationException|", lines[0]);
        AssertSays(lines[0], "Microsoft.ML.OnnxRuntime ", "RequireSavable", "SaveDetector");
        Assert.Equal(["decoded none|fine|", "Fit all the same|fine|"], lines[1..]);
        Assert.NotEmpty(DetectorModel.Load(_folder["trained.safetensors"]).Weights.Tensors);
        Assert.True(File.Exists(_folder["trained.onnx"]));
    }

    [LinuxFact]
    public void On_Linux_without_onnx_runtime_saving_and_loading_name_the_package()
    {
        var deployed = Deploy(AppContext.BaseDirectory, "*torch*", "libc10.so", "libgomp*");
        AssertSays(Assert.Single(FreshProcess.RunIn(deployed, Program, "save", trained.File, _folder["model.zip"])), "Save|InvalidOperationException|", "Microsoft.ML.OnnxRuntime ", "SaveDetector");

        var context = new MLContext(1);
        using var model = context.Transforms.LoadPssDetector(trained.File, Tiny.Options).Fit(Tiny.View(context, 1));
        context.Model.Save(model, null, _folder["model.zip"]);
        AssertSays(Assert.Single(FreshProcess.RunIn(FreshProcess.OutputOf(Program), Program, "load", _folder["model.zip"])), "cannot be loaded", "Microsoft.ML.OnnxRuntime ");
    }

    [LinuxFact]
    public void On_Linux_without_onnx_runtime_a_model_in_bfloat16_is_trained_saved_loaded_and_detects_but_not_without_libtorch()
    {
        var deployed = Deploy(AppContext.BaseDirectory, "*torch*", "libc10.so", "libgomp*");
        Assert.Equal(["Fit|fine|", "Save|fine|"], FreshProcess.RunIn(deployed, Program, "bfloat16", _folder["model.zip"]));
        Assert.Equal(["Load|fine|", "Detect|fine|"], FreshProcess.RunIn(deployed, Program, "detect", _folder["model.zip"]));
        AssertSays(Assert.Single(FreshProcess.RunIn(FreshProcess.OutputOf(Program), Program, "load", _folder["model.zip"])), "Load|TorchRuntimeException|", "libtorch is missing", "libtorch-cpu-linux-x64");
    }

    [LinuxFact]
    public void On_Linux_threads_spin_shortly_while_they_wait_unless_the_environment_says_otherwise()
    {
        var deployed = Deploy(AppContext.BaseDirectory, "*torch*", "libc10.so", "libgomp*");
        Assert.Equal("GOMP_SPINCOUNT = '10000'", SpinCount());
        Assert.Equal("GOMP_SPINCOUNT = '77'", SpinCount(("GOMP_SPINCOUNT", "77")));
        Assert.Equal("GOMP_SPINCOUNT = '30000000000'", SpinCount(("OMP_WAIT_POLICY", "ACTIVE")));

        // libgomp shows what it goes by when it is loaded.
        string SpinCount(params (string, string)[] variables) => Assert.Single(
            FreshProcess.ErrorsIn(deployed, Program, [("OMP_DISPLAY_ENV", "verbose"), .. variables], "torch", trained.File), line => line.Contains("GOMP_SPINCOUNT")).Trim();
    }

    /// <summary>One sentence for all ways into the engine, with these words.</summary>
    private void AssertTorch(string deployed, params string[] words)
    {
        var lines = FreshProcess.RunIn(deployed, Program, "torch", trained.File);
        Assert.Equal(Ways, lines.Length);
        var problem = Assert.Single(lines.Select(line => line[line.IndexOf('|')..]).Distinct());
        Assert.StartsWith("|TorchRuntimeException|", problem);
        AssertSays(problem, words);
    }

    private static void AssertSays(string line, params string[] words) => Assert.All(words, word => Assert.Contains(word, line));

    /// <summary>
    /// The program in a folder of its own, with libraries of libtorch beside it and TorchSharp's out of some output: links, since libtorch is
    /// large, and no list of dependencies, so that whatever lies in the folder counts.
    /// </summary>
    private string Deploy(string binding, params string[] libtorch)
    {
        var (target, program) = (Directory.CreateDirectory(_folder["program"]).FullName, FreshProcess.OutputOf(Program));
        foreach (var file in (string[])[$"{Program}.dll", $"{Program}.runtimeconfig.json"])
            File.Copy(Path.Combine(program, file), Path.Combine(target, file));
        Link(program, "*.dll");
        Link(Path.Combine(binding, Natives), "libLibTorchSharp.so");
        Link(Path.Combine(program, Natives), "*.so");
        foreach (var pattern in libtorch)
            Link(Path.Combine(AppContext.BaseDirectory, Natives), pattern);
        return target;

        void Link(string from, string pattern)
        {
            foreach (var file in Directory.EnumerateFiles(from, pattern).Where(file => !File.Exists(Path.Combine(target, Path.GetFileName(file)))))
                File.CreateSymbolicLink(Path.Combine(target, Path.GetFileName(file)), file);
        }
    }
}
