using System.Reflection;
using System.Text.RegularExpressions;
using Link.Spec.Support;

namespace Link.Spec;

/// <summary>SPEC.md and the tests of this project say the same.</summary>
public sealed partial class SpecificationCoverageTests
{
    /// <summary>The numbering of the published specification.</summary>
    private static readonly string[] Published =
    [
        "One.1", "One.2", "One.3", "One.4", "One.5", "One.6", "One.7", "One.8", "One.9", "One.9.1",
        "One.10", "One.10.1", "One.10.2", "One.10.3", "One.10.3.1",
        "One.11", "One.12", "One.13", "One.14", "One.15", "One.16", "One.17", "One.18", "One.19", "One.20",
        "Two.1", "Two.2", "Two.3", "Two.4", "Two.5", "Two.6", "Two.6.1", "Two.6.2", "Two.7", "Two.8", "Two.9",
        "OneAgain.1", "OneAgain.2", "OneAgain.3", "OneAgain.3.1", "OneAgain.3.2", "OneAgain.3.2.1", "OneAgain.3.2.2",
    ];

    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "SPEC.md"));

    /// <summary>Every test of this project with the steps it is marked with.</summary>
    private static readonly Dictionary<string, string[]> Tests = typeof(SpecificationCoverageTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
        .ToDictionary(
            method => $"{method.DeclaringType!.Name}.{method.Name}",
            method => method.GetCustomAttributes<StepAttribute>().Select(attribute => attribute.Step).ToArray());

    /// <summary>Every step of SPEC.md with the tests it names.</summary>
    private static readonly List<(string Step, string[] Tests)> Steps =
    [
        .. StepSection().Matches(Text).Select(section => (
            section.Groups["step"].Value,
            TestName().Matches(section.Groups["body"].Value).Select(name => name.Groups[1].Value).ToArray())),
    ];

    [Fact]
    public void The_steps_are_those_of_the_published_specification() => Assert.Equal(Published, Steps.Select(step => step.Step));

    [Fact]
    public void Every_step_has_a_test() => Assert.Empty(Steps.Where(step => step.Tests.Length == 0).Select(step => step.Step));

    [Fact]
    public void Every_test_that_SPEC_names_exists() =>
        Assert.Empty(TestName().Matches(Text).Select(name => name.Groups[1].Value).Except(Tests.Keys));

    [Fact]
    public void Every_test_named_at_a_step_is_marked_with_it() =>
        Assert.Empty(
            from step in Steps
            from test in step.Tests
            where Tests.TryGetValue(test, out var marks) && !marks.Contains(step.Step)
            select $"{step.Step}: {test}");

    [Fact]
    public void Every_mark_of_a_test_is_a_step_that_names_the_test() =>
        Assert.Empty(
            from test in Tests
            from mark in test.Value
            where !Steps.Any(step => step.Step == mark && step.Tests.Contains(test.Key))
            select $"{test.Key}: {mark}");

    [Fact]
    public void Every_step_cited_in_SPEC_exists() => Assert.Empty(StepName().Matches(Text).Select(name => name.Value).Except(Published));

    [GeneratedRegex(@"^### (?<step>(?:One|Two|OneAgain)\.[\d.]+)[ ]*\n(?<body>(?:(?!^#).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex StepSection();

    [GeneratedRegex(@"`(\w+Tests\.\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\b(?:One|Two|OneAgain)\.\d+(?:\.\d+)*")]
    private static partial Regex StepName();
}
