using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace Pss.Engine.Tests.Onnx;

/// <summary>Sessions of ONNX Runtime, whose warnings are kept. The process has one log, so every session of these tests is opened here.</summary>
internal static class OrtSessions
{
    private static readonly ConcurrentQueue<(string Session, string Message)> Log = [];
    private static readonly DOrtLoggingFunction Writer = (_, _, _, session, _, message) => Log.Enqueue((session, message));

    static OrtSessions()
    {
        var options = new EnvironmentCreationOptions { logId = "tests", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, loggingFunction = Writer };
        OrtEnv.CreateInstanceWithOptions(ref options);
    }

    public static InferenceSession Open(byte[] model, string? name = null) => Open(model, options => options.LogId = name ?? "");

    /// <summary>A session with options of the caller's.</summary>
    public static InferenceSession Open(byte[] model, Action<SessionOptions> set)
    {
        using var options = new SessionOptions();
        set(options);
        return new(model, options);
    }

    /// <summary>The warnings and errors of the sessions of that name so far.</summary>
    public static string[] Warnings(string name) => [.. Log.Where(line => line.Session == name).Select(line => line.Message)];
}
