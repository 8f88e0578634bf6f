namespace Link.Spec.Support;

/// <summary>Names the step of SPEC.md that a test shows, such as <c>One.11</c>.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class StepAttribute(string step) : Attribute
{
    public string Step { get; } = step;
}
