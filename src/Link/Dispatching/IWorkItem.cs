namespace Link.Dispatching;

/// <summary>Something that runs user code: a request to handle, or a promise whose continuations wait.</summary>
internal interface IWorkItem
{
    /// <summary>Runs until the user's code first waits. Does not throw.</summary>
    void Run();
}
