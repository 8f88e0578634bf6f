using System.Diagnostics;
using System.Xml.Linq;

namespace Link.Architecture;

/// <summary>The files the tests look at.</summary>
internal static class Repository
{
    private static readonly string[] GeneratedDirectories =
        [".git", "bin", "obj", "artifacts", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>The names of the assemblies made of src/, as the design draws them.</summary>
    public static readonly string[] Assemblies = ["Link", "Link.Abstractions", "Link.Cli", "Link.Flic", "Link.InMemory", "Link.Masterless", "Link.NodeIpc", "Link.Streams"];

    /// <summary>The directory of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or directory by its path from the root.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>The project file of an assembly made of src/.</summary>
    public static string ProjectOf(string assembly) => PathOf($"src/{assembly}/{assembly}.csproj");

    /// <summary>The compiled assembly, from beside the tests.</summary>
    public static string BinaryOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly + ".dll");

    /// <summary>What a project file, or one it imports, includes as items of a kind.</summary>
    public static IEnumerable<string> Items(string projectFile, string item) =>
        XDocument.Load(projectFile).Descendants(item).Select(element => (string?)element.Attribute("Include") ?? "");

    /// <summary>The C# files written by hand below a directory, by their paths from the root.</summary>
    public static IEnumerable<string> Sources(string directory) =>
        Below(PathOf(directory)).Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>The files git tracks; outside a checkout, all files that are not made by a build.</summary>
    public static IReadOnlyList<string> TrackedFiles()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!;
            git.ErrorDataReceived += static (_, _) => { };
            git.BeginErrorReadLine();
            var listing = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            if (git.ExitCode == 0)
            {
                return [.. listing.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(PathOf(file)))];
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no git.
        }

        return [.. Below(Root)];
    }

    private static IEnumerable<string> Below(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
        {
            yield return Path.GetRelativePath(Root, file);
        }

        foreach (var child in Directory.EnumerateDirectories(directory))
        {
            if (GeneratedDirectories.Contains(Path.GetFileName(child)))
            {
                continue;
            }

            foreach (var file in Below(child))
            {
                yield return file;
            }
        }
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Link.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run below the directory of Link.sln.");
        }

        return directory.FullName;
    }
}
