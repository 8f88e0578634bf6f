using Link.Dispatching;

namespace Link.Tests.Support;

/// <summary>User code of a test.</summary>
internal sealed class WorkItem(Action run) : IWorkItem
{
    public void Run() => run();
}
