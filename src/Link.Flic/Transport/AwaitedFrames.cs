using Link.Abstractions;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>Writes frames that somebody waits for, and that no caller could write again.</summary>
internal static class AwaitedFrames
{
    /// <summary>Writes one, or sees to it that whoever waits for it need not.</summary>
    public static void WriteAwaited(this NodeLink link, OutgoingFrame frame, Action<LinkException> report)
    {
        try
        {
            link.Write(frame);
        }
        catch (LinkException exception) when (exception.Error == LinkError.ConnectionLost)
        {
            // They hear of that from the bridge.
        }
        catch (LinkException exception) when (exception.Error == LinkError.Overloaded)
        {
            // The end of the connection tells them.
            link.Fail(exception.For(RequestFate.Unknown));
        }
        catch (LinkException exception)
        {
            report(exception);
        }
    }
}
