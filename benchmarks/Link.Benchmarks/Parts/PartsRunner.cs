using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Link.Benchmarks.Parts;

/// <summary>Measures single parts with BenchmarkDotNet, in this process: nothing is generated or built.</summary>
internal static class PartsRunner
{
    public static int Run(Options options)
    {
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(options.Quick ? job.WithIterationCount(1).WithWarmupCount(1) : job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "parts"));
        var filters = options.Only.Count == 0 ? ["*"] : options.Only.Select(text => $"*{text}*");
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(PartsRunner).Assembly).Run(["--filter", .. filters], config);
        return summaries.Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
    }
}
