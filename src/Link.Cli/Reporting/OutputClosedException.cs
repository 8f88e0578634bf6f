namespace Link.Cli.Reporting;

/// <summary>Nobody reads what the program prints: there is nobody left to tell, and nothing left to do.</summary>
internal sealed class OutputClosedException(Exception cause) : Exception("The output is closed.", cause);
